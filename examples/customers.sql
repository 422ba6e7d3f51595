-- The customers that the examples know: sqlite3 customers.db <customers.sql
-- All are made up. +8675588880001 to 20 are who calls in the demonstration (demo.conf).
CREATE TABLE customers (
	id      INTEGER PRIMARY KEY,
	number  TEXT NOT NULL UNIQUE, -- as cti-server writes it: '+' and country first, local ones short
	name    TEXT NOT NULL,
	address TEXT NOT NULL
);
CREATE TABLE tickets (
	id       INTEGER PRIMARY KEY,
	customer INTEGER NOT NULL REFERENCES customers (id),
	state    TEXT NOT NULL CHECK (state IN ('open', 'closed')),
	subject  TEXT NOT NULL
);
CREATE TABLE contacts (
	customer INTEGER NOT NULL REFERENCES customers (id),
	day      TEXT NOT NULL, -- 2026-11-21
	channel  TEXT NOT NULL CHECK (channel IN ('call', 'mail', 'visit')),
	note     TEXT NOT NULL
);
CREATE INDEX tickets_customer ON tickets (customer);
CREATE INDEX contacts_customer ON contacts (customer, day);

BEGIN;
INSERT INTO customers VALUES
	(1, '+8675588880001', '深圳海风贸易有限公司', 'Room 1203, 88 Binhai Avenue, Nanshan, Shenzhen'),
	(2, '+8675588880002', 'Lotus Bay Tea House', '5 Garden Lane, Luohu, Shenzhen'),
	(3, '+8675588880003', '南山书店', '深圳市南山区书城路16号'),
	(4, '+8675588880004', 'Blue Kite Logistics', 'Gate 4, Yantian Port, Shenzhen'),
	(5, '+8675588880005', 'Seven Lamps Hotel', '77 Lamp Street, Futian, Shenzhen'),
	(6, '+8675588880006', '福田眼科诊所', '深圳市福田区景田路2号'),
	(7, '+8675588880007', 'Bamboo Bridge Bicycles', '31 Canal Road, Bao''an, Shenzhen'),
	(8, '+8675588880008', 'Café Übersee', '12 Harbour Walk, Shekou, Shenzhen'),
	(9, '+8675588880009', 'Red Crane Printing', '9 Type Court, Longgang, Shenzhen'),
	(10, '+8675588880010', '东门小吃店', '深圳市罗湖区东门步行街40号'),
	(11, '+8675588880011', 'North Gate Hardware', '1 North Gate, Longhua, Shenzhen'),
	(12, '+8675588880012', 'Quiet Orchard Music School', '20 Orchard Hill, Nanshan, Shenzhen'),
	(13, '+8675588880013', 'Tidewater Aquarium', 'Pier 2, Dapeng, Shenzhen'),
	(14, '+8675588880014', '光明牧场', '深圳市光明区牧场路8号'),
	(15, '+8675588880015', 'Paper Boat Travel', '66 Window Street, Futian, Shenzhen'),
	(16, '+8675588880016', 'Silver Needle Tailors', '14 Thread Alley, Luohu, Shenzhen'),
	(17, '+8675588880017', 'Hillside Solar', '300 Ridge Road, Pingshan, Shenzhen'),
	(18, '+8675588880018', '盐田花卉市场', '深圳市盐田区花园街3号'),
	(19, '+8675588880019', 'Old Wharf Marine Engines', 'Slip 7, Shekou, Shenzhen'),
	(20, '+8675588880020', 'Morning Star Kindergarten', '8 Sunrise Road, Longhua, Shenzhen'),
	(21, '5551000', 'Corner Bakery', '1 Market Square'),
	(22, '5551001', 'Town Library', '2 Market Square'),
	(23, '5551002', 'Riverside Garage', '40 Mill Road'),
	(24, '5551234', 'Green Door Pharmacy', '3 Market Square');

INSERT INTO tickets VALUES
	(1042, 1, 'open', 'Invoice shows the old address'),
	(1038, 1, 'open', 'Container 17 held at customs'),
	(977, 1, 'closed', 'Second line for the warehouse'),
	(1040, 2, 'open', 'Card reader beeps twice'),
	(1035, 3, 'open', '送货地址需要更改'),
	(1031, 4, 'open', 'Pallets short by two'),
	(1044, 5, 'open', 'Booking page shows yesterday'),
	(1043, 5, 'open', 'Eleven keys, ten rooms'),
	(990, 6, 'closed', '预约系统无法登录'),
	(1029, 7, 'open', 'Wrong size of bearings delivered'),
	(1025, 8, 'open', 'Espresso machine: warranty question'),
	(1021, 10, 'open', '发票抬头错误'),
	(1019, 12, 'open', 'Contract ends in January'),
	(1045, 13, 'open', 'Pump alarm at night'),
	(1017, 15, 'open', 'Refund for a cancelled group'),
	(1046, 17, 'open', 'Inverter offline since Friday'),
	(1013, 19, 'open', 'Spare part on order'),
	(1047, 24, 'open', 'Label printer prints blanks');

INSERT INTO contacts VALUES
	(1, '2026-11-14', 'call', 'Asked for a new delivery date'),
	(1, '2026-11-02', 'mail', 'Sent the corrected order'),
	(1, '2026-10-20', 'visit', 'Signed for another year'),
	(2, '2026-11-18', 'call', 'Will send a photograph of the display'),
	(3, '2026-11-09', 'mail', '已确认订单'),
	(4, '2026-11-19', 'call', 'Wants one contact for all ports'),
	(5, '2026-11-20', 'call', 'Called twice, cut off once'),
	(6, '2026-10-30', 'call', '问题已解决'),
	(7, '2026-11-11', 'mail', 'Return label sent'),
	(8, '2026-11-05', 'visit', 'Tasted the new blend'),
	(9, '2026-09-28', 'mail', 'Price list requested'),
	(10, '2026-11-16', 'call', '要求重开发票'),
	(11, '2026-11-01', 'call', 'Ordered by telephone as always'),
	(12, '2026-11-12', 'call', 'Undecided about the renewal'),
	(13, '2026-11-21', 'call', 'Engineer comes on Monday'),
	(14, '2026-10-12', 'visit', '参观了新奶站'),
	(15, '2026-11-17', 'mail', 'Sent the form'),
	(16, '2026-08-03', 'visit', 'Measured the counter'),
	(17, '2026-11-21', 'mail', 'Sent the log file'),
	(18, '2026-11-03', 'call', '询问批发价格'),
	(19, '2026-11-10', 'call', 'Accepts the later date'),
	(20, '2026-10-08', 'visit', 'Showed the new phones'),
	(21, '2026-11-15', 'call', 'Opens an hour earlier now'),
	(24, '2026-11-20', 'call', 'Tried another roll, the same');
COMMIT;
