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

%% It has no channels: what was sent is acknowledged.
put(To, 0) ->
	To;
put(To, Count) ->
	To ! {self(), Count},
	receive ok -> put(To, Count - 1) end.

get(0) ->
	ok;
get(Count) ->
	receive {From, _} -> From ! ok end,
	get(Count - 1).

message(Count) ->
	Other = spawn(fun() -> get(Count) end),
	put(Other, Count).

main([What, Text]) ->
	Count = list_to_integer(Text),
	say("ready"),
	case What of
		"sleep" -> sleep(Count);
		"yield" -> yield(Count);
		"channel" -> message(Count);
		"message" -> message(Count)
	end,
	say("done"),
	halt().
