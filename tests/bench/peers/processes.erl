%% As tasklets.lua, with the processes of Erlang, on one scheduler.
-module(processes).
-export([main/1]).

say(Word) ->
	io:format("~s~n", [Word]),
	io:get_line("").

sleep(Count) ->
	Self = self(),
	[spawn(fun() ->
		Count =/= N orelse (Self ! started),
		receive after 1000000000 -> ok end
	end) || N <- lists:seq(1, Count)],
	receive started -> ok end.

spin(0) ->
	ok;
spin(Count) ->
	erlang:yield(),
	spin(Count - 1).

await(Other) ->
	receive {'DOWN', Other, _, _, _} -> ok end.

yield(Count) ->
	{_, Other} = spawn_monitor(fun() -> spin(Count) end),
	spin(Count),
	await(Other).

%% It has no channels: what was sent is acknowledged.
give(To, 0) ->
	To;
give(To, Count) ->
	To ! {self(), Count},
	receive ok -> give(To, Count - 1) end.

take(0) ->
	ok;
take(Count) ->
	receive {From, _} -> From ! ok end,
	take(Count - 1).

message(Count) ->
	Other = spawn(fun() -> take(Count) end),
	give(Other, Count).

join(0) ->
	ok;
join(Count) ->
	{_, Other} = spawn_monitor(fun() -> ok end),
	await(Other),
	join(Count - 1).

run_commands(0) ->
	ok;
run_commands(Count) ->
	Port = open_port({spawn_executable, "/bin/true"}, [exit_status]),
	receive {Port, {exit_status, 0}} -> ok end,
	run_commands(Count - 1).

command(Count) ->
	Workers = [spawn_monitor(fun() -> run_commands(Count div 4) end)
		|| _ <- lists:seq(1, 4)],
	[await(Worker) || {_, Worker} <- Workers].

%% There is no JSON in Erlang's library: it looks for the method alone.
answer(Line, Tasks) ->
	case binary:match(Line, <<"\"spawn\"">>) of
		nomatch ->
			{<<"\"pong\"">>, Tasks};
		_ ->
			spawn(fun() -> receive after 1000000000 -> ok end end),
			{[<<"{\"id\":">>, integer_to_binary(Tasks),
				<<",\"name\":\"sleep\"}">>], Tasks + 1}
	end.

talk(Socket, Tasks) ->
	case gen_tcp:recv(Socket, 0) of
		{ok, Line} ->
			{Result, More} = answer(Line, Tasks),
			ok = gen_tcp:send(Socket,
				[<<"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":">>,
				Result, <<"}\n">>]),
			talk(Socket, More);
		{error, closed} ->
			ok
	end.

accept(Listener) ->
	{ok, Socket} = gen_tcp:accept(Listener),
	Talker = spawn(fun() -> receive go -> talk(Socket, 1) end end),
	ok = gen_tcp:controlling_process(Socket, Talker),
	Talker ! go,
	accept(Listener).

listen(Path) ->
	{ok, Listener} = gen_tcp:listen(0, [{ifaddr, {local, Path}}, binary,
		{packet, line}, {active, false}, {buffer, 65536}]),
	io:format("ready~n"),
	accept(Listener).

main(["listen", Path]) ->
	listen(Path);
main([What, Text]) ->
	Count = list_to_integer(Text),
	say("ready"),
	case What of
		"sleep" -> sleep(Count);
		"yield" -> yield(Count);
		"channel" -> message(Count);
		"message" -> message(Count);
		"join" -> join(Count);
		"exec" -> command(Count)
	end,
	say("done"),
	halt().
