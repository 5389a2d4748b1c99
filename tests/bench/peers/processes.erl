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

yield(Count) ->
	{_, Other} = spawn_monitor(fun() -> spin(Count) end),
	spin(Count),
	receive {'DOWN', Other, _, _, _} -> ok end.

main([What, Text]) ->
	Count = list_to_integer(Text),
	say("ready"),
	case What of
		"sleep" -> sleep(Count);
		"yield" -> yield(Count)
	end,
	say("done"),
	halt().
