/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of `ladders` in test_switch.c; names are the flows of pbx-adapters/simulator/README.md. */
/* clang-format off */
{"F1 basic call, B hangs up", "2001 2002", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2002 hangs-up",
	 "2001 CC 2002(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F1 MakeCall, prompted, the phone lifts itself", "2001 2002", {0}, {0}, {
	{"2001 make 2002",
	 "2001 SI 2001(makeCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
}},
{"F1 MakeCall, prompted, must be lifted", "2001 2002", {0}, {.must_lift = true}, {
	{"2002 make 2001",
	 "2002 SI 2002(makeCall)[i]"},
	{"wait 5",
	 ""},
	{"2002 answers",
	 "2002 OR 2002(newCall)[c]; 2002 DE 2001(newCall)[c]; 2001 DE 2001(newCall)[a]"},
	{"2002 hangs-up",
	 "2002 CC 2002(callCancelled)[n]; 2001 CC 2002(callCancelled)[a]; "
	 "2001 CC 2001(callCancelled)[n]"},
}},
{"F1 MakeCall, nobody lifts", "2001 2002", {0}, {.must_lift = true}, {
	{"2002 make 2001",
	 "2002 SI 2002(makeCall)[i]"},
	{"wait 29",
	 ""},
	{"wait 1",
	 "2002 CC 2002(alertTimeExpired)[n]"},
}},
{"F1 MakeCall, doNotPrompt; A gives up", "2001 2002", {0}, {.must_lift = true}, {
	{"2002 make-at-once 2001",
	 "2002 OR 2002(newCall)[c]; 2002 DE 2001(newCall)[c]; 2001 DE 2001(newCall)[a]"},
	{"2002 hangs-up",
	 "2002 CC 2002(callCancelled)[n]; 2001 CC 2002(callCancelled)[a]; "
	 "2001 CC 2001(callCancelled)[n]"},
}},
{"F1 B refuses", "2001 2002", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 hangs-up",
	 "2001 CC 2002(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F2 busy", "2001 2002", {0}, {0}, {
	{"2002 dials 2003",
	 "2002 SI 2002(newCall)[i]; 2002 OR 2002(newCall)[c]; 2002 DE 2003(newCall)[c]"},
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 FA 2002(busy)[c]; "
	 "2002 FA 2002(busy)[f]"},
	{"2001 hangs-up",
	 "2001 CC 2002(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
	{"2002 hangs-up",
	 "2002 CC 2002(callCancelled)[n]"},
}},
{"F2 do not disturb", "2001 2002", {0}, {.do_not_disturb = true}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; "
	 "2001 FA 2002(doNotDisturb)[c]; 2002 FA 2002(doNotDisturb)[f]"},
	{"2001 hangs-up",
	 "2001 CC 2002(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F2 a number that leads nowhere", "2001", {0}, {0}, {
	{"2001 dials 2999",
	 "2001 SI 2001(newCall)[i]; 2001 FA 2001(numberUnallocated)[f]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F3 no answer, forwarded", "2001 2002 2003", {0}, {.forward_no_answer = "2003"}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"wait 19",
	 ""},
	{"wait 1",
	 "2001 DV 2002(callForwardNoAnswer)[c]; 2002 DV 2002(callForwardNoAnswer)[n]; "
	 "2001 DE 2003(callForwardNoAnswer)[c]; 2003 DE 2003(callForwardNoAnswer)[a]"},
	{"2003 answers",
	 "2001 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"2003 hangs-up",
	 "2001 CC 2003(normalClearing)[c]; 2003 CC 2003(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F3 Diverted at the diverting device only", "2001 2002 2003", {.diverted_to_own = true}, {.forward_no_answer = "2003"}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"wait 20",
	 "2002 DV 2002(callForwardNoAnswer)[n]; 2001 DE 2003(callForwardNoAnswer)[c]; "
	 "2003 DE 2003(callForwardNoAnswer)[a]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]; 2003 CC 2001(callCancelled)[a]; "
	 "2003 CC 2003(callCancelled)[n]"},
}},
{"F3 forwarded at once", "2001 2002 2003", {0}, {.forward_immediate = "2003"}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; "
	 "2001 DE 2003(callForwardImmediate)[c]; 2003 DE 2003(callForwardImmediate)[a]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]; 2003 CC 2001(callCancelled)[a]; "
	 "2003 CC 2003(callCancelled)[n]"},
}},
{"F3 forwarded when busy", "2001 2002 2003", {0}, {.forward_busy = "2003"}, {
	{"2002 dials 2004",
	 "2002 SI 2002(newCall)[i]; 2002 OR 2002(newCall)[c]; 2002 DE 2004(newCall)[c]"},
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; "
	 "2001 DE 2003(callForwardBusy)[c]; 2003 DE 2003(callForwardBusy)[a]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]; 2003 CC 2001(callCancelled)[a]; "
	 "2003 CC 2003(callCancelled)[n]"},
	{"2002 hangs-up",
	 "2002 CC 2002(callCancelled)[n]"},
}},
{"a ring that nobody answers ends", "2001 2002", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"wait 179",
	 ""},
	{"wait 1",
	 "2001 CC 2002(alertTimeExpired)[c]; 2002 CC 2002(alertTimeExpired)[n]; "
	 "2001 CC 2001(alertTimeExpired)[n]"},
}},
{"F5 queue, then an agent", "2001 3000 T1", {0}, {0}, {
	{"2001 agent loggedOn 7001",
	 "2001 AL 2001; 2001 AN 2001"},
	{"5551234 dials 3000",
	 "T1 OR 5551234(newCall)[c]; T1 DE 3000(enteringDistribution)[c]; "
	 "3000 DE 3000(enteringDistribution)[a]; T1 QU 3000(noAvailableAgents)[c]; "
	 "3000 QU 3000(noAvailableAgents)[q]"},
	{"2001 agent ready",
	 "2001 AR 2001; T1 DV 3000(distributed)[c]; 3000 DV 3000(distributed)[n]; "
	 "T1 DE 2001(distributed)[c]; 2001 DE 2001(distributed)[a]"},
	{"2001 answers",
	 "T1 ES 2001(newCall)[c]; 2001 ES 2001(newCall)[c]; 2001 AB 2001"},
	{"5551234 hangs-up",
	 "T1 CC 5551234(normalClearing)[n]; 2001 CC 5551234(normalClearing)[c]; "
	 "2001 CC 2001(normalClearing)[n]; 2001 AW 2001"},
	{"wait 9",
	 ""},
	{"wait 1",
	 "2001 AR 2001"},
}},
{"F5 abandon in the queue", "3000 T1", {0}, {0}, {
	{"5551234 dials 3000",
	 "T1 OR 5551234(newCall)[c]; T1 DE 3000(enteringDistribution)[c]; "
	 "3000 DE 3000(enteringDistribution)[a]; T1 QU 3000(noAvailableAgents)[c]; "
	 "3000 QU 3000(noAvailableAgents)[q]"},
	{"5551234 hangs-up",
	 "T1 CC 5551234(callCancelled)[n]; 3000 CC 5551234(callCancelled)[q]; "
	 "3000 CC 3000(callCancelled)[n]"},
}},
{"F5 an agent is ready: no waiting", "2001 3000 T1", {0}, {0}, {
	{"2001 agent loggedOn",
	 "2001 AL 2001; 2001 AN 2001"},
	{"2001 agent ready",
	 "2001 AR 2001"},
	{"5551234 dials 3000",
	 "T1 OR 5551234(newCall)[c]; T1 DE 3000(enteringDistribution)[c]; "
	 "3000 DE 3000(enteringDistribution)[a]; T1 DV 3000(distributed)[c]; "
	 "3000 DV 3000(distributed)[n]; T1 DE 2001(distributed)[c]; "
	 "2001 DE 2001(distributed)[a]"},
	{"2001 answers",
	 "T1 ES 2001(newCall)[c]; 2001 ES 2001(newCall)[c]; 2001 AB 2001"},
	{"2001 hangs-up",
	 "T1 CC 2001(normalClearing)[c]; 2001 CC 2001(normalClearing)[n]; "
	 "T1 CC 5551234(normalClearing)[n]; 2001 AW 2001"},
	{"2001 agent loggedOff",
	 "2001 AO 2001"},
}},
{"F28 missed call, next agent", "2001 2002 3000", {0}, {0}, {
	{"2001 agent loggedOn 7001",
	 "2001 AL 2001; 2001 AN 2001"},
	{"2001 agent ready",
	 "2001 AR 2001"},
	{"5551234 dials 3000",
	 "3000 DE 3000(enteringDistribution)[a]; 3000 DV 3000(distributed)[n]; "
	 "2001 DE 2001(distributed)[a]"},
	{"2002 agent loggedOn 7002",
	 "2002 AL 2002; 2002 AN 2002"},
	{"2002 agent ready",
	 "2002 AR 2002"},
	{"wait 20",
	 "2001 DV 2001(callForwardNoAnswer)[n]; 3000 QU 3000(redirected)[q]; "
	 "2001 AN 2001(forcedTransition); 3000 DV 3000(distributed)[n]; "
	 "2002 DE 2002(distributed)[a]"},
	{"2002 answers",
	 "2002 ES 2002(newCall)[c]; 2002 AB 2002"},
	{"2002 hangs-up",
	 "2002 CC 2002(normalClearing)[n]; 2002 AR 2002"},
}},
{"F27 pending not ready", "2001", {0}, {0}, {
	{"2001 agent loggedOn 7001",
	 "2001 AL 2001; 2001 AN 2001"},
	{"2001 agent ready",
	 "2001 AR 2001"},
	{"5551234 dials 3000",
	 "2001 DE 2001(distributed)[a]"},
	{"2001 answers",
	 "2001 ES 2001(newCall)[c]; 2001 AB 2001"},
	{"2001 agent notReady",
	 ""},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2001 AN 2001"},
	{"wait 60",
	 ""},
}},
{"F27 pending ready skips wrap-up; log off waits", "2001", {0}, {0}, {
	{"2001 agent loggedOn 7001",
	 "2001 AL 2001; 2001 AN 2001"},
	{"2001 agent ready",
	 "2001 AR 2001"},
	{"5551234 dials 3000",
	 "2001 DE 2001(distributed)[a]"},
	{"2001 answers",
	 "2001 ES 2001(newCall)[c]; 2001 AB 2001"},
	{"2001 agent ready",
	 ""},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2001 AR 2001"},
	{"5551234 dials 3000",
	 "2001 DE 2001(distributed)[a]"},
	{"2001 answers",
	 "2001 ES 2001(newCall)[c]; 2001 AB 2001"},
	{"2001 agent loggedOff",
	 ""},
	{"5551234 hangs-up",
	 "2001 CC 5551234(normalClearing)[c]; 2001 CC 2001(normalClearing)[n]; "
	 "2001 AO 2001"},
}},
{"F28 the device fails", "2001 2002", {0}, {0}, {
	{"2001 agent loggedOn 7001",
	 "2001 AL 2001; 2001 AN 2001"},
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 fails",
	 "2001 CC 2001(destOutOfOrder)[n]; 2002 CC 2001(destOutOfOrder)[c]; "
	 "2002 CC 2002(destOutOfOrder)[n]; 2001 OOS 2001(maintenance); "
	 "2001 AO 2001(forcedTransition)"},
	{"2002 dials 2001",
	 "2002 SI 2002(newCall)[i]; 2002 OR 2002(newCall)[c]; "
	 "2002 FA 2001(destOutOfOrder)[c]; 2001 FA 2001(destOutOfOrder)[f]"},
	{"2002 hangs-up",
	 "2002 CC 2001(normalClearing)[c]; 2001 CC 2001(normalClearing)[n]; "
	 "2002 CC 2002(normalClearing)[n]"},
	{"2001 works",
	 "2001 BIS 2001(maintenance)"},
}},
{"F7 from outside, the caller ends", "T1 2001", {0}, {0}, {
	{"5551234 dials 07552001",
	 "T1 OR 5551234(newCall)[c]; T1 DE 2001(newCall)[c]; 2001 DE 2001(newCall)[a]"},
	{"2001 answers",
	 "T1 ES 2001(newCall)[c]; 2001 ES 2001(newCall)[c]"},
	{"5551234 hangs-up",
	 "T1 CC 5551234(normalClearing)[n]; 2001 CC 5551234(normalClearing)[c]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F8 to outside", "2001 T1", {0}, {0}, {
	{"2001 dials 5551234",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 NR T1(newCall)[c]; "
	 "T1 NR T1(newCall)[c]; 2001 DE 5551234(networkSignal)[c]; "
	 "T1 DE 5551234(networkSignal)[a]"},
	{"5551234 answers",
	 "2001 ES 5551234(networkSignal)[c]; T1 ES 5551234(networkSignal)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; T1 CC 2001(normalClearing)[c]; "
	 "T1 CC 5551234(normalClearing)[n]"},
}},
{"F8 the outside party is called by itself", "2001 T1", {.outside_answer_us = 4000000}, {0}, {
	{"2001 make 5551234",
	 "2001 SI 2001(makeCall)[i]; 2001 OR 2001(newCall)[c]; 2001 NR T1(newCall)[c]; "
	 "T1 NR T1(newCall)[c]; 2001 DE 5551234(networkSignal)[c]; "
	 "T1 DE 5551234(networkSignal)[a]"},
	{"wait 4",
	 "2001 ES 5551234(networkSignal)[c]; T1 ES 5551234(networkSignal)[c]"},
	{"5551234 hangs-up",
	 "2001 CC 5551234(normalClearing)[c]; T1 CC 5551234(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F8 the far end is busy", "2001 T1 T2", {0}, {0}, {
	{"5551234 dials 2002",
	 "T1 OR 5551234(newCall)[c]; T1 DE 2002(newCall)[c]"},
	{"2001 dials 5551234",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 NR T2(newCall)[c]; "
	 "T2 NR T2(newCall)[c]; 2001 FA 5551234(busy)[c]; T2 FA 5551234(busy)[f]"},
	{"2001 hangs-up",
	 "2001 CC 5551234(normalClearing)[c]; T2 CC 5551234(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
	{"5551234 hangs-up",
	 "T1 CC 5551234(callCancelled)[n]"},
}},
{"F9 consultation and transfer", "2001 2002 2003", {0}, {0}, {
	{"2002 dials 2001",
	 "2002 SI 2002(newCall)[i]; 2002 OR 2002(newCall)[c]; 2002 DE 2001(newCall)[c]; "
	 "2001 DE 2001(newCall)[a]"},
	{"2001 answers",
	 "2002 ES 2001(newCall)[c]; 2001 ES 2001(newCall)[c]"},
	{"2001 consults 2003",
	 "2002 HE 2001(consultation)[c]; 2001 HE 2001(consultation)[h]; "
	 "2001 SI 2001(consultation)[i]; 2001 OR 2001(consultation)[c]; "
	 "2001 DE 2003(consultation)[c]; 2003 DE 2003(consultation)[a]"},
	{"2003 answers",
	 "2001 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"2001 transfers",
	 "2002 TR 2001(transfer)[c]; 2003 TR 2001(transfer)[c]; 2001 TR 2001(transfer)[n]"},
	{"2002 hangs-up",
	 "2002 CC 2002(normalClearing)[n]; 2003 CC 2002(normalClearing)[c]; "
	 "2003 CC 2003(normalClearing)[n]"},
}},
{"F10 transfer before the answer", "2001 2003 T1", {0}, {0}, {
	{"5551234 dials 2001",
	 "T1 OR 5551234(newCall)[c]; T1 DE 2001(newCall)[c]; 2001 DE 2001(newCall)[a]"},
	{"2001 answers",
	 "T1 ES 2001(newCall)[c]; 2001 ES 2001(newCall)[c]"},
	{"2001 consults 2003",
	 "T1 HE 2001(consultation)[c]; 2001 HE 2001(consultation)[h]; "
	 "2001 SI 2001(consultation)[i]; 2001 OR 2001(consultation)[c]; "
	 "2001 DE 2003(consultation)[c]; 2003 DE 2003(consultation)[a]"},
	{"2001 transfers",
	 "T1 TR 2001(transfer)[c]; 2003 TR 2001(transfer)[a]; 2001 TR 2001(transfer)[n]"},
	{"2003 answers",
	 "T1 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"5551234 hangs-up",
	 "T1 CC 5551234(normalClearing)[n]; 2003 CC 5551234(normalClearing)[c]; "
	 "2003 CC 2003(normalClearing)[n]"},
}},
{"F11 blind transfer", "2001 2003 T1", {0}, {0}, {
	{"5551234 dials 2001",
	 "T1 OR 5551234(newCall)[c]; T1 DE 2001(newCall)[c]; 2001 DE 2001(newCall)[a]"},
	{"2001 answers",
	 "T1 ES 2001(newCall)[c]; 2001 ES 2001(newCall)[c]"},
	{"2001 transfers-to 2003",
	 "T1 TR 2001(singleStepTransfer)[c]; 2001 TR 2001(singleStepTransfer)[n]; "
	 "T1 DE 2003(singleStepTransfer)[c]; 2003 DE 2003(singleStepTransfer)[a]"},
	{"2003 answers",
	 "T1 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"2003 hangs-up",
	 "T1 CC 2003(normalClearing)[c]; 2003 CC 2003(normalClearing)[n]; "
	 "T1 CC 5551234(normalClearing)[n]"},
}},
{"F12 conference, B drops, C drops", "2001 2002 2003", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 consults 2003",
	 "2001 HE 2001(consultation)[h]; 2002 HE 2001(consultation)[c]; "
	 "2001 SI 2001(consultation)[i]; 2001 OR 2001(consultation)[c]; "
	 "2001 DE 2003(consultation)[c]; 2003 DE 2003(consultation)[a]"},
	{"2003 answers",
	 "2001 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"2001 conferences",
	 "2001 CF 2001(conference)[c]; 2002 CF 2001(conference)[c]; "
	 "2003 CF 2001(conference)[c]"},
	{"2002 hangs-up",
	 "2001 CC 2002(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]; "
	 "2003 CC 2002(normalClearing)[c]"},
	{"2003 hangs-up",
	 "2001 CC 2003(normalClearing)[c]; 2003 CC 2003(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F13 directed pickup", "2001 2002 2003", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2003 picks-up 2002",
	 "2001 DV 2002(callPickup)[c]; 2002 DV 2002(callPickup)[n]; "
	 "2001 ES 2003(callPickup)[c]; 2003 ES 2003(callPickup)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2003 CC 2001(normalClearing)[c]; "
	 "2003 CC 2003(normalClearing)[n]"},
}},
{"F14 group pickup", "2001 2002 2003", {0}, {.pickup_group = "2900"}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2003 picks-up",
	 "2001 DV 2002(callPickup)[c]; 2002 DV 2002(callPickup)[n]; "
	 "2001 ES 2003(callPickup)[c]; 2003 ES 2003(callPickup)[c]"},
	{"2003 hangs-up",
	 "2001 CC 2003(normalClearing)[c]; 2003 CC 2003(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F19 silent monitor", "2001 2002 2004", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2004 joins 2001 silently",
	 "2001 CF 2001(silentParticipation)[c]; 2002 CF 2001(silentParticipation)[c]; "
	 "2004 CF 2001(silentParticipation)[c]"},
	{"2002 hangs-up",
	 "2001 CC 2002(normalClearing)[c]; 2002 CC 2002(normalClearing)[n]; "
	 "2004 CC 2002(normalClearing)[c]; 2001 CC 2001(normalClearing)[n]; "
	 "2004 CC 2001(normalClearing)[c]; 2004 CC 2004(normalClearing)[n]"},
}},
{"F20 deflect", "2001 2002 2003", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 deflects 2003",
	 "2001 DV 2002(redirected)[c]; 2002 DV 2002(redirected)[n]; "
	 "2001 DE 2003(redirected)[c]; 2003 DE 2003(redirected)[a]"},
	{"2003 answers",
	 "2001 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"2003 hangs-up",
	 "2001 CC 2003(normalClearing)[c]; 2003 CC 2003(normalClearing)[n]; "
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"F29 alternate, F30 reconnect", "2001 2002 2003", {0}, {0}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 consults 2003",
	 "2001 HE 2001(consultation)[h]; 2002 HE 2001(consultation)[c]; "
	 "2001 SI 2001(consultation)[i]; 2001 OR 2001(consultation)[c]; "
	 "2001 DE 2003(consultation)[c]; 2003 DE 2003(consultation)[a]"},
	{"2003 answers",
	 "2001 ES 2003(newCall)[c]; 2003 ES 2003(newCall)[c]"},
	{"2001 alternates",
	 "2001 HE 2001(alternate)[h]; 2003 HE 2001(alternate)[c]; "
	 "2001 RE 2001(alternate)[c]; 2002 RE 2001(alternate)[c]"},
	{"2001 alternates",
	 "2001 HE 2001(alternate)[h]; 2002 HE 2001(alternate)[c]; "
	 "2001 RE 2001(alternate)[c]; 2003 RE 2001(alternate)[c]"},
	{"2001 reconnects",
	 "2001 CC 2001(normalClearing)[n]; 2003 CC 2001(normalClearing)[c]; "
	 "2003 CC 2003(normalClearing)[n]; 2001 RE 2001(normal)[c]; "
	 "2002 RE 2001(normal)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
}},
{"hold, and a second answer holds the first", "2001 2002 2003", {0}, {.call_waiting = true}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]"},
	{"2001 holds",
	 "2001 HE 2001(normal)[h]; 2002 HE 2001(normal)[c]"},
	{"2001 retrieves",
	 "2001 RE 2001(normal)[c]; 2002 RE 2001(normal)[c]"},
	{"2003 dials 2002",
	 "2003 SI 2003(newCall)[i]; 2003 OR 2003(newCall)[c]; 2003 DE 2002(newCall)[c]; "
	 "2002 DE 2002(newCall)[a]"},
	{"2002 answers",
	 "2001 HE 2002(normal)[c]; 2002 HE 2002(normal)[h]; 2003 ES 2002(newCall)[c]; "
	 "2002 ES 2002(newCall)[c]"},
	{"2003 hangs-up",
	 "2003 CC 2003(normalClearing)[n]; 2002 CC 2003(normalClearing)[c]; "
	 "2002 CC 2002(normalClearing)[n]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]; 2002 CC 2001(normalClearing)[h]; "
	 "2002 CC 2002(normalClearing)[n]"},
}},
{"dial tone, then dialling", "2001", {0}, {0}, {
	{"2001 lifts",
	 "2001 SI 2001(newCall)[i]"},
	{"2001 dials 2002",
	 "2001 OR 2001(newCall)[c]; 2001 DE 2002(newCall)[c]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]"},
	{"2001 lifts",
	 "2001 SI 2001(newCall)[i]"},
	{"2001 hangs-up",
	 "2001 CC 2001(normalClearing)[n]"},
}},
{"a circle of forwarding ends", "2001 2002", {0}, {.forward_immediate = "2002"}, {
	{"2001 dials 2002",
	 "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]; "
	 "2001 DE 2002(callForwardImmediate)[c]; 2002 DE 2002(callForwardImmediate)[a]"},
	{"2001 hangs-up",
	 "2001 CC 2001(callCancelled)[n]; 2002 CC 2001(callCancelled)[a]; "
	 "2002 CC 2002(callCancelled)[n]"},
}},
