#!/usr/bin/env escript
%% SPDX-License-Identifier: Apache-2.0
%% Decode BER messages with asn1ct's code and encode them again:
%%   asn1.escript BEAMS ours|reference TYPES VECTORS OUT
%% TYPES: lines "type module" (ours) or "code argument result" (reference). VECTORS: "number type hex".
%% OUT: "number hex". Prints how many; ends with 1 where one did not decode.
-mode(compile).

main([Beams, Which, TypesFile, VectorsFile, OutFile]) ->
    true = code:add_patha(Beams),
    Types = types(Which, lines(TypesFile)),
    Out = [one(Types, Vector) || Vector <- lines(VectorsFile)],
    Done = [Line || {ok, Line} <- Out],
    ok = file:write_file(OutFile, Done),
    [io:format(standard_error, "~s~n", [Why]) || {failed, Why} <- Out],
    io:format("~b~n", [length(Done)]),
    halt(case [x || {failed, _} <- Out] of [] -> 0; _ -> 1 end).

lines(File) ->
    {ok, Text} = file:read_file(File),
    [string:split(Line, " ", all) || Line <- string:split(string:trim(binary_to_list(Text)), "\n", all)].

types("ours", Lines) ->
    {ours, maps:from_list([{list_to_atom(Type), list_to_atom(Module)} || [Type, Module] <- Lines])};
types("reference", Lines) ->
    {reference, maps:from_list([{list_to_integer(Code), {list_to_atom(Argument), list_to_atom(Result)}}
                                || [Code, Argument, Result] <- Lines])}.

one(Types, [Number, Type, Hex]) ->
    Octets = binary:decode_hex(list_to_binary(Hex)),
    try again(Types, list_to_atom(Type), Octets) of
        skip -> skip;
        Again -> {ok, [Number, " ", string:lowercase(binary:encode_hex(Again)), "\n"]}
    catch
        Class:Reason ->
            {failed, io_lib:format("vector ~s, ~s: ~p: ~0P", [Number, Type, Class, Reason, 12])}
    end.

%% The association's messages stand alone, the others in ROSE's envelope.
again({ours, Modules}, Type, Octets) when Type == 'AARQ'; Type == 'AARE'; Type == 'RLRQ';
                                          Type == 'RLRE'; Type == 'ABRT' ->
    body(maps:get(Type, Modules), Type, Octets);
again({reference, _}, Type, _) when Type == 'AARQ'; Type == 'AARE'; Type == 'RLRQ';
                                    Type == 'RLRE'; Type == 'ABRT' ->
    skip;
again(Types, Type, Octets) ->
    {ok, Apdu} = 'ROSE':decode('ROSEapdu', Octets),
    case envelope(Types, Type, Apdu) of
        skip -> skip;
        Again -> {ok, Encoded} = 'ROSE':encode('ROSEapdu', Again), Encoded
    end.

envelope(Types, Type, {invoke, {'Invoke', Id, Code, Argument}}) ->
    wrap(value(Types, Type, Code, 1, Argument), fun(V) -> {invoke, {'Invoke', Id, Code, V}} end);
envelope(Types, Type, {returnResult, {'ReturnResult', Id, {'ResultBody', Code, Result}}}) ->
    wrap(value(Types, Type, Code, 2, Result),
         fun(V) -> {returnResult, {'ReturnResult', Id, {'ResultBody', Code, V}}} end);
envelope(Types, Type, {returnError, {'ReturnError', Id, 1, Parameter}}) ->
    wrap(value(Types, Type, error, 1, Parameter), fun(V) -> {returnError, {'ReturnError', Id, 1, V}} end);
envelope({ours, _}, _, {reject, Reject}) -> {reject, Reject};
envelope({reference, _}, _, {reject, _}) -> skip.

wrap(skip, _) -> skip;
wrap(Value, Fun) -> Fun(Value).

value({ours, Modules}, Type, _, _, Octets) ->
    case maps:find(Type, Modules) of
        {ok, Module} -> body(Module, Type, Octets);
        error -> skip
    end;
value({reference, _}, _, 21, 1, Octets) -> body('REFERENCE', 'CSTAEventReportArgument', Octets);
value({reference, _}, _, error, 1, Octets) -> body('REFERENCE', 'UniversalFailure', Octets);
value({reference, Codes}, _, Code, Which, Octets) ->
    body('REFERENCE', element(Which, maps:get(Code, Codes)), Octets).

body(Module, Type, Octets) ->
    {ok, Value} = Module:decode(Type, Octets),
    {ok, Again} = Module:encode(Type, Value),
    Again.
