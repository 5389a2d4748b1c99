"""Tests of what programs host."""

from daemon import DaemonTest
from program import Program

WENT_AWAY = "the program that hosted it went away"


class HostTest(DaemonTest):
    def setUp(self):
        super().setUp()
        self.program = self.connect_program()

    def connect_program(self):
        program = Program(self.daemon.path)
        self.addCleanup(program.close)
        return program

    def show(self, task):
        """Of what is not hosted now: a host would be asked."""
        return self.client.call("show", task=task)

    def row(self, task):
        return next(row for row in self.client.rows("list")
                    if row["id"] == task)

    def assert_state(self, state, *tasks):
        for task in tasks:
            self.assertEqual(self.row(task)["state"], state)

    def assert_failed(self, task, message=WENT_AWAY):
        cause = self.assert_join_error("failed", self.client.call, "join",
                                       task=task)
        self.assertEqual((cause["code"], cause["message"]), (9, message))
        return cause
