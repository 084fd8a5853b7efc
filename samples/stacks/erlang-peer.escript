#!/usr/bin/env escript
%% A TLS client and server on Erlang's ssl.
%%   escript erlang-peer.escript client HOST PORT CA-FILE
%%   escript erlang-peer.escript server PORT CHAIN-FILE KEY-FILE [CLIENT-CA-FILE]
%% Of a server, PEER_ALPN names the only application protocol, PEER_ONLY the only server name.
main(["client", Host, Port, Ca]) ->
  start(),
  Options = [{verify, verify_peer}, {cacertfile, Ca}, {server_name_indication, Host}, {active, false},
             {customize_hostname_check, [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}]}],
  case ssl:connect(Host, list_to_integer(Port), Options, 5000) of
    {ok, Socket} ->
      ssl:send(Socket, "GET / HTTP/1.0\r\n\r\n"),
      ssl:recv(Socket, 0, 2000),
      ssl:close(Socket);
    {error, Reason} -> io:format(standard_error, "~p~n", [Reason])
  end;
main(["server", Port, Chain, Key | Ca]) ->
  start(),
  Verify = case Ca of
    [] -> [];
    [File] -> [{verify, verify_peer}, {fail_if_no_peer_cert, true}, {cacertfile, File}]
  end,
  Pair = [{certfile, Chain}, {keyfile, Key}],
  Names = case os:getenv("PEER_ONLY") of
    false -> Pair;
    Only -> [{sni_hosts, [{Only, Pair}]}]
  end,
  Protocols = case os:getenv("PEER_ALPN") of
    false -> [];
    Protocol -> [{alpn_preferred_protocols, [list_to_binary(Protocol)]}]
  end,
  {ok, Listener} = ssl:listen(list_to_integer(Port),
    [{reuseaddr, true}, {active, false}] ++ Names ++ Protocols ++ Verify),
  accept(Listener).

start() ->
  logger:set_primary_config(level, none),
  {ok, _} = application:ensure_all_started(ssl).

accept(Listener) ->
  {ok, Transport} = ssl:transport_accept(Listener),
  Server = spawn(fun() -> receive go -> serve(Transport) end end),
  ssl:controlling_process(Transport, Server),
  Server ! go,
  accept(Listener).

serve(Transport) ->
  case ssl:handshake(Transport, 5000) of
    {ok, Socket} ->
      case ssl:recv(Socket, 0, 3000) of
        {ok, _} -> ssl:send(Socket, "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
        _ -> ok
      end,
      ssl:close(Socket);
    _ -> ok
  end.
