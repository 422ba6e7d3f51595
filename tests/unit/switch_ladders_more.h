/* SPDX-License-Identifier: Apache-2.0 */
/* More rows of `ladders` in test_switch.c: services that come as JSON, recalls, stages. */
/* clang-format off */
{"F31 offered, accepted", "2001 2002", {0}, {.offer_us = 5000000}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 OF 2002(newCall)[c]; "
	 "2002 OF 2002(newCall)[a]"},
	{"ask AcceptCall callToBeAccepted=@2002",
	 "2001 DE 2002(newCall)[c]; 2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2002 hangs-up",
	 "2001 CC 2002(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F31 offered, rejected", "2001 2002", {0}, {.offer_us = 5000000}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 OF 2002(newCall)[c]; "
	 "2002 OF 2002(newCall)[a]"},
	{"2002 hangs-up",
	 "2001 CC 2002(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F31 offered, rings after its time", "2001 2002", {0}, {.offer_us = 5000000}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 OF 2002(newCall)[c]; "
	 "2002 OF 2002(newCall)[a]"},
	{"wait 5",
	 "2001 DE 2002(newCall)[c]; 2002 DE 2002(newCall)[a]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]; 2002 CC 2001(callCancelled)[a]; "
	 "2002 CC 2002(callCancelled)[n]"},
}},
{"F31 offered, deflected", "2001 2002 2003", {0}, {.offer_us = 5000000}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 OF 2002(newCall)[c]; "
	 "2002 OF 2002(newCall)[a]"},
	{"2002 deflects 2003",
	 "2001 DV 2002(redirected)[c]; 2002 DV 2002(redirected)[n]; "
	 "2001 DE 2003(redirected)[c]; 2003 DE 2003(redirected)[a]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]; 2003 CC 2001(callCancelled)[a]; "
	 "2003 CC 2003(callCancelled)[n]"},
}},
{"F32 staged dialling", "2001 2002", {0}, {0}, {
	{"2001 make ;",
	 "2001 SI 2001(makeCall)[i]"},
	{"ask DialDigits diallingConnection=@2001 diallingSequence=20;",
	 "2001 DD 2001:20(newCall)[i]"},
	{"ask DialDigits diallingConnection=@2001 diallingSequence=02",
	 "2001 DD 2001:2002(newCall)[i]; 2001 OR 2001(newCall)[c]; "
	 "2001 DE 2002(newCall)[c]; 2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
}},
{"F32 staged by a hand, then wrong", "2001", {0}, {0}, {
	{"2001 make 2;",
	 "2001 SI 2001(makeCall)[i]; 2001 DD 2001:2(newCall)[i]"},
	{"2001 dials 999",
	 "2001 DD 2001:2999(newCall)[i]; 2001 FA 2001(numberUnallocated)[f]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F32 staged, must be lifted first", "2002", {0}, {.must_lift = true}, {
	{"2002 make 20;",
	 "2002 SI 2002(makeCall)[i]"},
	{"2002 lifts",
	 "2002 DD 2002:20(newCall)[i]"},
	{"ask DialDigits diallingConnection=@2002 diallingSequence=01",
	 "2002 DD 2002:2001(newCall)[i]; 2002 OR 2002(newCall)[c]; "
	 "2002 DE 2001(newCall)[c]"},
	{"2002 hangs-up",
	 "2002 CC 2002(callCancelled)[n]"},
}},
{"F33 hold recall", "2001 2002", {.hold_recall_us = 60000000}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2002 holds",
	 "2001 HE 2002(normal)[c]; 2002 HE 2002(normal)[h]"},
	{"wait 59",
	 ""},
	{"wait 1",
	 "2001 DE 2002(recall)[c]; 2002 DE 2002(recall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
}},
{"F10 recall after transfer", "2001 2002 2003", {.transfer_recall_us = 15000000}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2002 consults 2003",
	 "2001 HE 2002(consultation)[c]; 2002 HE 2002(consultation)[h]; "
	 "2002 SI 2002(consultation)[i]; 2002 OR 2002(consultation)[c]; "
	 "2002 DE 2003(consultation)[c]; 2003 DE 2003(consultation)[a]"},
	{"2002 transfers",
	 "2001 TR 2002(transfer)[c]; 2003 TR 2002(transfer)[a]; "
	 "2002 TR 2002(transfer)[n]"},
	{"wait 15",
	 "2001 DV 2003(recallNoAnswer)[c]; 2003 DV 2003(recallNoAnswer)[n]; "
	 "2001 DE 2002(recallNoAnswer)[c]; 2002 DE 2002(recallNoAnswer)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
}},
{"F11 recall, the target is busy", "2001 2002 2003", {.transfer_recall_us = 15000000}, {0}, {
	{"2003 lifts",
	 "2003 SI 2003(newCall)[i]"},
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2002 transfers-to 2003",
	 "2001 TR 2002(singleStepTransfer)[c]; 2002 TR 2002(singleStepTransfer)[n]; "
	 "2001 FA 2003(busy)[c]; 2003 FA 2003(busy)[f]; 2001 DV 2003(recallBusy)[c]; "
	 "2003 DV 2003(recallBusy)[n]; 2001 DE 2002(recallBusy)[c]; "
	 "2002 DE 2002(recallBusy)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
	{"2003 hangs-up",
	 "2003 CC 2003(normalClearing)[n]"},
}},
{"F15 park, fetched", "2001 2002 2950 2003", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"ask ParkCall parking=@2002 parkTo=2950",
	 "2001 DV 2002(park)[c]; 2002 DV 2002(park)[n]; 2001 QU 2950(park)[c]; "
	 "2950 QU 2950(park)[q]"},
	{"2003 picks-up 2950",
	 "2001 DV 2950(callPickup)[c]; 2950 DV 2950(callPickup)[n]; "
	 "2001 ES 2003(callPickup)[c]; 2003 ES 2003(callPickup)[c]"},
	{"2003 hangs-up",
	 "2001 CC 2003(normalClearing)[c]; 2003 CC 2003(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F15 park, back after its time", "2001 2002 2950", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2002 holds",
	 "2001 HE 2002(normal)[c]; 2002 HE 2002(normal)[h]"},
	{"ask ParkCall parking=@2002 parkTo=2950",
	 "2001 DV 2002(park)[c]; 2002 DV 2002(park)[n]; 2001 QU 2950(park)[c]; "
	 "2950 QU 2950(park)[q]"},
	{"wait 60",
	 "2001 DV 2950(recall)[c]; 2950 DV 2950(recall)[n]; 2001 DE 2002(recall)[c]; "
	 "2002 DE 2002(recall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
}},
{"F15 park on the own phone", "2001 2002", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"ask ParkCall parking=@2002 parkTo=2002",
	 "2001 QU 2002(park)[c]; 2002 QU 2002(park)[q]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"ask ParkCall parking=@2002 parkTo=2002",
	 "2001 QU 2002(park)[c]; 2002 QU 2002(park)[q]"},
	{"wait 60",
	 "2001 DE 2002(recall)[c]; 2002 DE 2002(recall)[a]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]; 2002 CC 2001(callCancelled)[a]; "
	 "2002 CC 2002(callCancelled)[n]"},
}},
{"F15 the parked caller gives up", "2001 2950", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]"},
	{"ask ParkCall parking=@2002 parkTo=2950",
	 "2001 DV 2002(park)[c]; 2001 QU 2950(park)[c]; 2950 QU 2950(park)[q]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]; 2950 CC 2001(callCancelled)[q]; "
	 "2950 CC 2950(callCancelled)[n]"},
}},
{"F16 camp-on", "2001 2002", {0}, {0}, {
	{"2002 dials 2003",
	 "2002 SI 2002(newCall)[i]; 2002 OR 2002(newCall)[c]; 2002 DE 2003(newCall)[c]"},
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 FA 2002(busy)[c]; "
	 "2002 FA 2002(busy)[f]"},
	{"ask CamponCall camponConnection=@2001",
	 "2001 QU 2002(campOn)[c]; 2002 QU 2002(campOn)[q]"},
	{"2002 hangs-up",
	 "2002 CC 2002(callCancelled)[n]; 2001 DE 2002(campOn)[c]; "
	 "2002 DE 2002(campOn)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
}},
{"F16 camp-on, given up", "2001 2002", {0}, {0}, {
	{"2002 dials 2003",
	 "2002 SI 2002(newCall)[i]; 2002 OR 2002(newCall)[c]; 2002 DE 2003(newCall)[c]"},
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 FA 2002(busy)[c]; "
	 "2002 FA 2002(busy)[f]"},
	{"ask CamponCall camponConnection=@2001",
	 "2001 QU 2002(campOn)[c]; 2002 QU 2002(campOn)[q]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]; 2002 CC 2001(callCancelled)[q]; "
	 "2002 CC 2002(callCancelled)[n]"},
	{"2002 hangs-up",
	 "2002 CC 2002(callCancelled)[n]"},
}},
{"F16 camp-on, answered out of the other call", "2001 2002 2003", {0}, {0}, {
	{"2003 dials 2002",
	 "2003 SI 2003(newCall)[i]; 2003 OR 2003(newCall)[c]; 2003 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2003 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 FA 2002(busy)[c]; "
	 "2002 FA 2002(busy)[f]"},
	{"ask CamponCall camponConnection=@2001",
	 "2001 QU 2002(campOn)[c]; 2002 QU 2002(campOn)[q]"},
	{"2002 answers",
	 "2003 HE 2002(normal)[c]; 2002 HE 2002(normal)[h]; 2001 ES 2002(newCall)[c]; "
	 "2002 ES 2002(newCall)[c]"},
	{"2003 hangs-up",
	 "2003 CC 2003(normalClearing)[n]; 2002 CC 2003(normalClearing)[h]; "
	 "2002 CC 2002(normalClearing)[n]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
}},
{"F17 call back", "2001 2002", {0}, {.must_lift = true}, {
	{"2001 dials 2003",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2003(newCall)[c]"},
	{"2002 dials 2001",
	 "2002 SI 2002(newCall)[i]; 2002 OR 2002(newCall)[c]; 2002 FA 2001(busy)[c]; "
	 "2001 FA 2001(busy)[f]"},
	{"ask CallBack callbackConnection=@2002",
	 "2002 CB+ 2002; 2001 CB+ 2002; 2002 CC 2001(normalClearing)[c]; "
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2002(normalClearing)[n]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]; 2002 SI 2002(callBack)[i]"},
	{"2002 answers",
	 "2002 OR 2002(callBack)[c]; 2002 DE 2001(callBack)[c]; "
	 "2001 DE 2001(callBack)[a]; 2002 CB- 2002; 2001 CB- 2002"},
	{"2001 answers",
	 "2002 ES 2001(newCall)[c]; 2001 ES 2001(newCall)[c]"},
	{"2001 hangs-up",
	 "2002 CC 2001(normalClearing)[c]; 2001 CC 2001(normalClearing)[n]; "
	 "2002 CC 2002(normalClearing)[n]"},
}},
{"F17 call back, nobody lifts", "2001 2002", {0}, {.must_lift = true}, {
	{"ask CallBackNonCallRelated originatingDevice=2002 targetDevice=2001",
	 "2002 CB+ 2002; 2001 CB+ 2002; 2002 SI 2002(callBack)[i]"},
	{"wait 30",
	 "2002 CC 2002(alertTimeExpired)[n]; 2002 CB- 2002; 2001 CB- 2002"},
}},
{"F17 call back of one that rings, message, cancelled", "2001 2002", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"ask CallBackMessage callbackMessageConnection=@2001",
	 "2001 CM+ 2001; 2002 CM+ 2001; 2001 CC 2001(normalClearing)[n]; "
	 "2002 CC 2001(normalClearing)[a]; 2002 CC 2002(normalClearing)[n]"},
	{"ask CancelCallBackMessage originatingDevice=2001 targetDevice=2002",
	 "2001 CM- 2001; 2002 CM- 2001"},
	{"2003 dials 2002",
	 "2002 DE 2002(newCall)[a]"},
	{"ask CallBackNonCallRelated originatingDevice=2001 targetDevice=2002",
	 "2001 CB+ 2001; 2002 CB+ 2001"},
	{"ask CancelCallBack originatingDevice=2001 targetDevice=2002",
	 "2001 CB- 2001; 2002 CB- 2001"},
	{"2003 hangs-up",
	 "2002 CC 2003(callCancelled)[a]; 2002 CC 2002(callCancelled)[n]"},
}},
{"F18 intrude, into a conference", "2001 2002 2003", {0}, {0}, {
	{"2002 dials 2003",
	 "2002 SI 2002(newCall)[i]; 2002 OR 2002(newCall)[c]; 2002 DE 2003(newCall)[c]; "
	 "2003 DE 2003(newCall)[a]"},
	{"2003 answers",
	 "2002 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 FA 2002(busy)[c]; "
	 "2002 FA 2002(busy)[f]"},
	{"ask IntrudeCall intrude=@2001",
	 "2002 CF 2001(intrude)[c]; 2003 CF 2001(intrude)[c]; 2001 CF 2001(intrude)[c]"},
	{"2001 hangs-up",
	 "2002 CC 2001(normalClearing)[c]; 2003 CC 2001(normalClearing)[c]; "
	 "2001 CC 2001(normalClearing)[n]"},
	{"2002 hangs-up",
	 "2002 CC 2002(normalClearing)[n]; 2003 CC 2002(normalClearing)[c]; "
	 "2003 CC 2003(normalClearing)[n]"},
}},
{"F18 intrude, alternating", "2001 2002 2003", {.intrude_alternates = true}, {0}, {
	{"2002 dials 2003",
	 "2002 SI 2002(newCall)[i]; 2002 OR 2002(newCall)[c]; 2002 DE 2003(newCall)[c]; "
	 "2003 DE 2003(newCall)[a]"},
	{"2003 answers",
	 "2002 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 FA 2002(busy)[c]; "
	 "2002 FA 2002(busy)[f]"},
	{"ask IntrudeCall intrude=@2001",
	 "2002 HE 2002(intrude)[h]; 2003 HE 2002(intrude)[c]; 2001 ES 2002(intrude)[c]; "
	 "2002 ES 2002(intrude)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
	{"2002 retrieves",
	 "2002 RE 2002(normal)[c]; 2003 RE 2002(normal)[c]"},
	{"2002 hangs-up",
	 "2002 CC 2002(normalClearing)[n]; 2003 CC 2002(normalClearing)[c]; "
	 "2003 CC 2003(normalClearing)[n]"},
}},
{"join", "2001 2002 2003", {0}, {0}, {
	{"2001 dials 2003",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2003(newCall)[c]; "
	 "2003 DE 2003(newCall)[a]"},
	{"2003 answers",
	 "2001 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"ask JoinCall activeCall=@2001 joiningDevice=2002",
	 "2001 CF 2002(joinCall)[c]; 2003 CF 2002(joinCall)[c]; "
	 "2002 CF 2002(joinCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2003 CC 2001(normalClearing)[c]; "
	 "2002 CC 2001(normalClearing)[c]"},
	{"2002 hangs-up",
	 "2003 CC 2002(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]; "
	 "2003 CC 2003(normalClearing)[n]"},
}},
{"join, prompted", "2001 2002 2003", {0}, {.must_lift = true}, {
	{"2001 dials 2003",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2003(newCall)[c]; "
	 "2003 DE 2003(newCall)[a]"},
	{"2003 answers",
	 "2001 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"ask JoinCall activeCall=@2001 joiningDevice=2002 participationType='silent",
	 "2001 SI 2002(joinCall)[c]; 2003 SI 2002(joinCall)[c]; "
	 "2002 SI 2002(joinCall)[i]"},
	{"2002 answers",
	 "2001 CF 2002(joinCall)[c]; 2003 CF 2002(joinCall)[c]; "
	 "2002 CF 2002(joinCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2003 CC 2001(normalClearing)[c]; "
	 "2002 CC 2001(normalClearing)[c]; 2003 CC 2003(normalClearing)[n]; "
	 "2002 CC 2003(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]"},
}},
{"join, prompted, too late", "2001 2002 2003", {0}, {.must_lift = true}, {
	{"2001 dials 2003",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2003(newCall)[c]; "
	 "2003 DE 2003(newCall)[a]"},
	{"2003 answers",
	 "2001 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"ask JoinCall activeCall=@2001 joiningDevice=2002",
	 "2001 SI 2002(joinCall)[c]; 2003 SI 2002(joinCall)[c]; "
	 "2002 SI 2002(joinCall)[i]"},
	{"wait 30",
	 "2001 CC 2002(alertTimeExpired)[c]; 2003 CC 2002(alertTimeExpired)[c]; "
	 "2002 CC 2002(alertTimeExpired)[n]"},
	{"2003 hangs-up",
	 "2001 CC 2003(normalClearing)[c]; 2003 CC 2003(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"a connection, and somebody brought into it", "2001 2002", {0}, {.must_lift = true}, {
	{"ask MakeConnection initiatingDevice=2002",
	 "2002 SI 2002(makeConnection)[i]"},
	{"2002 lifts",
	 "2002 ES 2002(makeConnection)[c]"},
	{"2001 joins 2002",
	 "2002 CF 2002(activeParticipation)[c]; 2001 CF 2002(activeParticipation)[c]"},
	{"2002 hangs-up",
	 "2002 CC 2002(normalClearing)[n]; 2001 CC 2002(normalClearing)[c]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"digits, tones and data of a call", "2001 2002", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"ask GenerateDigits connectionToSendDigits=@2001 charactersToSend='12#",
	 "2001 DG 2001[c]; 2002 DG 2001[c]"},
	{"ask GenerateTelephonyTones connectionToSendTone=@2001 toneToSend='beep",
	 "2001 TT 2001[c]; 2002 TT 2001[c]"},
	{"ask CancelTelephonyTones connectionToStopTone=@2001",
	 ""},
	{"ask AssociateData existingCall=@2001 correlatorData='4711",
	 "2001 CI 2001[c]; 2002 CI 2001[c]"},
	{"ask SendUserInformation existingCall=@2002 userData='hello",
	 "2001 CI 2002[c]; 2002 CI 2002[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
}},
{"an announcement answers and leaves; a recorder listens", "2001 2960 2970 2002", {0}, {0}, {
	{"2001 dials 2960",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2960(newCall)[c]; "
	 "2960 DE 2960(newCall)[a]; 2001 ES 2960(newCall)[c]; 2960 ES 2960(newCall)[c]"},
	{"wait 10",
	 "2001 CC 2960(normalClearing)[c]; 2960 CC 2960(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2970 joins 2001 silently",
	 "2001 CF 2001(silentParticipation)[c]; 2002 CF 2001(silentParticipation)[c]; "
	 "2970 CF 2001(silentParticipation)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2970 CC 2001(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]; "
	 "2970 CC 2002(normalClearing)[c]; 2970 CC 2970(normalClearing)[n]"},
}},
{"F23 a route point without an application", "2001 2980 2004", {0}, {0}, {
	{"2001 dials 2980",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; "
	 "2001 DE 2980(enteringDistribution)[c]; 2980 DE 2980(enteringDistribution)[a]"},
	{"wait 20",
	 "2001 DV 2980(redirected)[c]; 2980 DV 2980(redirected)[n]; "
	 "2001 DE 2004(redirected)[c]; 2004 DE 2004(redirected)[a]"},
	{"2004 answers",
	 "2001 ES 2004(newCall)[c]; 2004 ES 2004(newCall)[c]"},
	{"2004 hangs-up",
	 "2001 CC 2004(normalClearing)[c]; 2004 CC 2004(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"pickup of a call that is held, then of one that talks", "2001 2002 2003 2004", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2002 holds",
	 "2001 HE 2002(normal)[c]; 2002 HE 2002(normal)[h]"},
	{"2003 picks-up 2002",
	 "2001 DV 2002(callPickup)[c]; 2002 DV 2002(callPickup)[n]; "
	 "2001 ES 2003(callPickup)[c]; 2003 ES 2003(callPickup)[c]"},
	{"2004 picks-up 2003",
	 "2001 DV 2003(callPickup)[c]; 2003 DV 2003(callPickup)[n]; "
	 "2001 ES 2004(callPickup)[c]; 2004 ES 2004(callPickup)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2004 CC 2001(normalClearing)[c]; "
	 "2004 CC 2004(normalClearing)[n]"},
}},
{"F4 hunt group, one after the other, overflow", "2001 2910 2002 2003", {0}, {0}, {
	{"2001 dials 2910",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; "
	 "2001 DE 2910(enteringDistribution)[c]; 2910 DE 2910(enteringDistribution)[a]; "
	 "2001 DV 2910(distributed)[c]; 2910 DV 2910(distributed)[n]; "
	 "2001 DE 2002(distributed)[c]; 2002 DE 2002(distributed)[a]"},
	{"wait 20",
	 "2001 DV 2002(callForwardNoAnswer)[c]; 2002 DV 2002(callForwardNoAnswer)[n]; "
	 "2001 DE 2003(distributed)[c]; 2003 DE 2003(distributed)[a]"},
	{"wait 20",
	 "2001 DV 2003(overflow)[c]; 2003 DV 2003(overflow)[n]; "
	 "2001 DE 2960(overflow)[c]; 2001 ES 2960(newCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F4 hunt group, circular, not shown", "2001 2911 2002 2003", {0}, {0}, {
	{"2001 dials 2911",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
	{"2001 dials 2911",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2003(newCall)[c]; "
	 "2003 DE 2003(newCall)[a]"},
	{"wait 20",
	 "2001 DV 2003(callForwardNoAnswer)[c]; 2003 DV 2003(callForwardNoAnswer)[n]; "
	 "2001 DE 2002(distributed)[c]; 2002 DE 2002(distributed)[a]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]; 2002 CC 2001(callCancelled)[a]; "
	 "2002 CC 2002(callCancelled)[n]"},
}},
{"F4 hunt group, longest idle", "2002 2003", {0}, {0}, {
	{"2001 dials 2912",
	 "2002 DE 2002(distributed)[a]"},
	{"2002 answers",
	 "2002 ES 2002(newCall)[c]"},
	{"2002 hangs-up",
	 "2002 CC 2002(normalClearing)[n]"},
	{"2001 dials 2912",
	 "2003 DE 2003(distributed)[a]"},
	{"2001 hangs-up",
	 "2003 CC 2001(callCancelled)[a]; 2003 CC 2003(callCancelled)[n]"},
}},
{"F4 hunt group, parallel", "2001 2913 2002 2003", {0}, {0}, {
	{"2001 dials 2913",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; "
	 "2001 DE 2913(enteringDistribution)[c]; 2913 DE 2913(enteringDistribution)[a]; "
	 "2001 DV 2913(distributed)[c]; 2913 DV 2913(distributed)[n]; "
	 "2001 DE 2002(multipleAlerting)[c]; 2002 DE 2002(multipleAlerting)[a]; "
	 "2001 DE 2003(multipleAlerting)[c]; 2002 DE 2003(multipleAlerting)[a]; "
	 "2003 DE 2003(multipleAlerting)[a]"},
	{"2003 answers",
	 "2001 ES 2003(newCall)[c]; 2002 ES 2003(newCall)[a]; 2003 ES 2003(newCall)[c]; "
	 "2001 CC 2002(multipleAlerting)[c]; 2002 CC 2002(multipleAlerting)[n]; "
	 "2003 CC 2002(multipleAlerting)[c]"},
	{"2003 hangs-up",
	 "2001 CC 2003(normalClearing)[c]; 2003 CC 2003(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F4 hunt group, parallel: one refuses, nobody answers", "2001 2002 2003", {0}, {0}, {
	{"2001 dials 2913",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; "
	 "2001 DE 2913(enteringDistribution)[c]; 2001 DV 2913(distributed)[c]; "
	 "2001 DE 2002(multipleAlerting)[c]; 2002 DE 2002(multipleAlerting)[a]; "
	 "2001 DE 2003(multipleAlerting)[c]; 2002 DE 2003(multipleAlerting)[a]; "
	 "2003 DE 2003(multipleAlerting)[a]"},
	{"2002 hangs-up",
	 "2001 CC 2002(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]; "
	 "2003 CC 2002(normalClearing)[a]"},
	{"wait 20",
	 ""},
	{"wait 180",
	 "2001 CC 2003(alertTimeExpired)[c]; 2003 CC 2003(alertTimeExpired)[n]; "
	 "2001 CC 2001(alertTimeExpired)[n]"},
}},
{"F4 hunt group, all are busy", "2001 2912 2002", {0}, {0}, {
	{"2002 dials 2003",
	 "2002 SI 2002(newCall)[i]; 2002 OR 2002(newCall)[c]; 2002 DE 2003(newCall)[c]"},
	{"2001 dials 2912",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; "
	 "2001 DE 2912(enteringDistribution)[c]; 2912 DE 2912(enteringDistribution)[a]; "
	 "2001 FA 2912(busy)[c]; 2912 FA 2912(busy)[f]"},
	{"2001 hangs-up",
	 "2001 CC 2912(normalClearing)[c]; 2912 CC 2912(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
	{"2002 hangs-up",
	 "2002 CC 2002(callCancelled)[n]"},
}},
{"F22 predictive call for a queue", "3000 T1 2001", {0}, {0}, {
	{"2001 agent loggedOn 7001",
	 "2001 AL 2001; 2001 AN 2001"},
	{"2001 agent ready",
	 "2001 AR 2001"},
	{"ask MakePredictiveCall callingDevice=3000 calledDirectoryNumber=5551234",
	 "3000 OR 3000(makePredictiveCall)[c]; 3000 NR T1(newCall)[c]; "
	 "T1 NR T1(newCall)[c]; 3000 DE 5551234(networkSignal)[c]; "
	 "T1 DE 5551234(networkSignal)[a]"},
	{"5551234 answers",
	 "3000 ES 5551234(networkSignal)[c]; T1 ES 5551234(networkSignal)[c]; "
	 "T1 DE 3000(enteringDistribution)[c]; 3000 DE 3000(enteringDistribution)[a]; "
	 "T1 DV 3000(distributed)[c]; 3000 DV 3000(distributed)[n]; "
	 "T1 DE 2001(distributed)[c]; 2001 DE 2001(distributed)[a]"},
	{"2001 answers",
	 "T1 ES 2001(newCall)[c]; 2001 ES 2001(newCall)[c]; 2001 AB 2001"},
	{"2001 hangs-up",
	 "T1 CC 2001(normalClearing)[c]; 2001 CC 2001(normalClearing)[n]; "
	 "T1 CC 5551234(normalClearing)[n]; 2001 AW 2001"},
}},
{"F22 predictive call, nobody answers", "3000 T1", {0}, {0}, {
	{"ask MakePredictiveCall callingDevice=3000 calledDirectoryNumber=5551234 alertTime=+15",
	 "3000 OR 3000(makePredictiveCall)[c]; 3000 NR T1(newCall)[c]; "
	 "T1 NR T1(newCall)[c]; 3000 DE 5551234(networkSignal)[c]; "
	 "T1 DE 5551234(networkSignal)[a]"},
	{"wait 14",
	 ""},
	{"wait 1",
	 "3000 CC 3000(alertTimeExpired)[n]; T1 CC 3000(alertTimeExpired)[a]; "
	 "T1 CC 5551234(alertTimeExpired)[n]"},
}},
{"F22 predictive call of a phone", "2001 2002", {0}, {0}, {
	{"ask MakePredictiveCall callingDevice=2001 calledDirectoryNumber=2002",
	 "2001 OR 2001(makePredictiveCall)[c]; 2001 DE 2002(makePredictiveCall)[c]; "
	 "2002 DE 2002(makePredictiveCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]; "
	 "2002 DE 2001(makePredictiveCall)[c]; 2001 DE 2001(makePredictiveCall)[a]"},
	{"2001 answers",
	 "2002 ES 2001(newCall)[c]; 2001 ES 2001(newCall)[c]"},
	{"2002 hangs-up",
	 "2002 CC 2002(normalClearing)[n]; 2001 CC 2002(normalClearing)[c]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F22 predictive call, the called is busy", "3000 2001", {0}, {0}, {
	{"2001 lifts",
	 "2001 SI 2001(newCall)[i]"},
	{"ask MakePredictiveCall callingDevice=3000 calledDirectoryNumber=2001",
	 "3000 OR 3000(makePredictiveCall)[c]; 3000 FA 2001(busy)[c]; "
	 "2001 FA 2001(busy)[f]; 3000 CC 2001(normalClearing)[c]; "
	 "2001 CC 2001(normalClearing)[n]; 3000 CC 3000(normalClearing)[n]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]"},
}},
