#!/usr/bin/env escript
%% SPDX-License-Identifier: Apache-2.0
%% The judge of BER, with asn1ct's code in the current folder, and flatten.py's PLAN:
%%   asn1.escript again PLAN VECTORS OUT  decode "number element hex" and encode it again
%%   asn1.escript random PLAN OUT         make values up, the same ones always: "number element hex"
%%   asn1.escript same PLAN VECTORS BACK  "number hex" in BACK have the values of VECTORS
%% OUT: "number hex". Prints how many; ends with 1 where one failed.
-mode(compile).
-define(EACH, 12). % values made up of each row

main(["again", PlanFile, VectorsFile, OutFile]) ->
    Plan = plan(PlanFile),
    Out = [again(Plan, Vector) || Vector <- lines(VectorsFile)],
    finish(OutFile, Out);
main(["random", PlanFile, OutFile]) ->
    rand:seed(exsss, {285, 323, 269}),
    asn1_db:dbstart(["."]), % what asn1ct:value/2 does for each value in a process of its own, unseeded
    Rows = [Row || Row <- maps:to_list(plan(PlanFile)), _ <- lists:seq(1, ?EACH)],
    Out = [made(Number, Row) || {Number, Row} <- lists:zip(lists:seq(1, length(Rows)), Rows)],
    finish(OutFile, Out);
main(["same", PlanFile, VectorsFile, BackFile]) ->
    Plan = plan(PlanFile),
    Back = maps:from_list([{Number, Hex} || [Number, Hex] <- lines(BackFile)]),
    Out = [same(Plan, Vector, Back) || Vector <- lines(VectorsFile)],
    finish("/dev/null", Out).

finish(OutFile, Out) ->
    Done = [Line || {ok, Line} <- Out],
    ok = file:write_file(OutFile, Done),
    [io:format(standard_error, "~s~n", [Why]) || {failed, Why} <- Out],
    io:format("~b~n", [length(Done)]),
    halt(case [x || {failed, _} <- Out] of [] -> 0; _ -> 1 end).

lines(File) ->
    {ok, Text} = file:read_file(File),
    [string:split(Line, " ", all) || Line <- string:split(binary_to_list(Text), "\n", all), Line =/= []].

plan(File) ->
    maps:from_list([{Element, {list_to_atom(Kind), list_to_integer(Code), list_to_atom(Module), list_to_atom(Type),
                               [list_to_atom(Name) || Name <- Path]}}
                    || [Element, Kind, Code, Module, Type | Path] <- lines(File)]).

hex(Octets) -> string:lowercase(binary:encode_hex(Octets)).
unhex(Hex) -> binary:decode_hex(list_to_binary(Hex)).

again(Plan, [Number, Element, Hex]) ->
    case maps:find(Element, Plan) of
        error -> skip; % of no interest to these modules
        {ok, Row} ->
            try write(Row, read(Row, unhex(Hex))) of
                Again -> {ok, [Number, " ", hex(Again), "\n"]}
            catch
                Class:Reason -> failed(Number, Element, Class, Reason)
            end
    end.

made(Number, {Element, Row}) ->
    try write(Row, value(Row)) of
        Octets -> {ok, io_lib:format("~b ~s ~s~n", [Number, Element, hex(Octets)])}
    catch
        Class:Reason -> failed(integer_to_list(Number), Element, Class, Reason)
    end.

%% Absent is the same as the DEFAULT, and trailing bits that are clear are none.
same(Plan, [Number, Element, Hex], Back) ->
    Row = maps:get(Element, Plan),
    try {read(Row, unhex(Hex)), read(Row, unhex(maps:get(Number, Back)))} of
        {Value, Value} -> {ok, []};
        {Value, Other} -> failed(Number, Element, Value, Other)
    catch
        Class:Reason -> failed(Number, Element, Class, Reason)
    end.

failed(Number, Element, Class, Reason) ->
    {failed, io_lib:format("vector ~s, ~s: ~0P: ~0P", [Number, Element, Class, 40, Reason, 40])}.

%% ---- a row's value in its envelope -----------------------------------------------------------

read({association, _, Module, Type, _}, Octets) -> decode(Module, Type, Octets);
read(Row, Octets) ->
    {ok, Apdu} = 'ROSE':decode('ROSEapdu', Octets),
    inside(Row, Apdu).

inside({request, Code, Module, Type, _}, {invoke, {'Invoke', Id, Code, Argument}}) ->
    {Id, decode(Module, Type, Argument)};
inside({event, Code, Module, _, [Category, Event]}, {invoke, {'Invoke', Id, Code, Argument}}) ->
    {'CSTAEventReportArgument', Monitor, {Category, {Event, Value}}} =
        decode(report(Module), 'CSTAEventReportArgument', Argument),
    {Id, Monitor, Value};
inside({response, Code, Module, Type, _}, {returnResult, {'ReturnResult', Id, {'ResultBody', Code, Result}}}) ->
    {Id, decode(Module, Type, Result)};
inside({error, _, Module, Type, _}, {returnError, {'ReturnError', Id, 1, Parameter}}) ->
    {Id, decode(Module, Type, Parameter)};
inside({reject, _, _, _, _}, {reject, Reject}) -> Reject.

write({association, _, Module, Type, _}, Value) -> encode(Module, Type, Value);
write(Row, Value) -> encode('ROSE', 'ROSEapdu', outside(Row, Value)).

outside({request, Code, Module, Type, _}, {Id, Value}) ->
    {invoke, {'Invoke', Id, Code, encode(Module, Type, Value)}};
outside({event, Code, Module, _, [Category, Event]}, {Id, Monitor, Value}) ->
    Report = {'CSTAEventReportArgument', Monitor, {Category, {Event, Value}}},
    {invoke, {'Invoke', Id, Code, encode(report(Module), 'CSTAEventReportArgument', Report)}};
outside({response, Code, Module, Type, _}, {Id, Value}) ->
    {returnResult, {'ReturnResult', Id, {'ResultBody', Code, encode(Module, Type, Value)}}};
outside({error, _, Module, Type, _}, {Id, Value}) ->
    {returnError, {'ReturnError', Id, 1, encode(Module, Type, Value)}};
outside({reject, _, _, _, _}, Reject) -> {reject, Reject}.

report('REFERENCE') -> 'REFERENCE';
report(_) -> 'CSTA-Event-Report'.

decode(Module, Type, Octets) -> {ok, Value} = Module:decode(Type, Octets), Value.
encode(Module, Type, Value) -> {ok, Octets} = Module:encode(Type, Value), Octets.

value({association, _, Module, Type, _}) -> random(Module, Type);
value({reject, _, _, _, _}) -> {'Reject', {present, id()}, random('ROSE', 'RejectProblem')};
value({event, _, Module, Type, _}) -> {id(), <<"17">>, random(Module, Type)};
value({_, _, Module, Type, _}) -> {id(), random(Module, Type)}.

id() -> rand:uniform(32767).
random(Module, Type) -> asn1ct_value:from_type(Module, Type).
