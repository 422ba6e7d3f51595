-- SPDX-License-Identifier: Apache-2.0
-- The customers of the screen pop examples: sqlite3 customers.db <customers.sql
CREATE TABLE customer (
	number  TEXT PRIMARY KEY, -- as the server writes it: E.164 with its plus
	name    TEXT NOT NULL,
	company TEXT,
	address TEXT
);
CREATE TABLE ticket (
	id      INTEGER PRIMARY KEY,
	number  TEXT NOT NULL REFERENCES customer,
	opened  TEXT NOT NULL,
	subject TEXT NOT NULL,
	open    INTEGER NOT NULL
);
CREATE TABLE contact (
	number  TEXT NOT NULL REFERENCES customer,
	day     TEXT NOT NULL,
	channel TEXT NOT NULL,
	about   TEXT NOT NULL
);
CREATE INDEX ticket_of ON ticket (number, open);
CREATE INDEX contact_of ON contact (number, day);

INSERT INTO customer VALUES
	('+8675588880001', 'Li Wei 李伟',      'Golden Harbour Trading',  '12 Nanshan Road, Shenzhen'),
	('+8675588880002', 'Wang Fang 王芳',   'Lotus Garden Hotels',     '88 Binhe Avenue, Shenzhen'),
	('+8675588880003', 'Zhang Min 张敏',   'Bright Star Optics',      '5 Keyuan Road, Shenzhen'),
	('+8675588880004', 'Chen Jing 陈静',   NULL,                      '301 Shennan Road, Flat 17B'),
	('+8675588880005', 'Liu Yang 刘洋',    'Pearl River Logistics',   'Pier 4, Shekou'),
	('+8675588880006', 'Yang Jun 杨军',    'Yang & Sons Furniture',   '27 Bulan Road, Longgang'),
	('+8675588880007', 'Huang Lei 黄磊',   'South Wind Appliances',   '9 Xixiang Street, Bao''an'),
	('+8675588880008', 'Zhao Xin 赵欣',    NULL,                      '14 Baishi Road, Flat 3A'),
	('+8675588880009', 'Wu Hao 吴昊',      'Cloud Peak Software',     '2 Gaoxin South Street'),
	('+8675588880010', 'Zhou Ling 周玲',   'Jade Clinic',             '66 Honggui Road, Luohu'),
	('+8675588880011', 'Xu Tao 徐涛',      'Great Wall Insurance',    '1 Fuhua Road, Futian'),
	('+8675588880012', 'Sun Yue 孙悦',     'Morning Tea Houses',      '40 Dongmen Street'),
	('+8675588880013', 'Ma Chao 马超',     'Swift Horse Couriers',    '18 Meilin Road'),
	('+8675588880014', 'Zhu Yan 朱燕',     NULL,                      '7 Cuizhu Road, Flat 9C'),
	('+8675588880015', 'Hu Bin 胡斌',      'Blue Lake Printing',      '33 Liuxian Avenue'),
	('+8675588880016', 'Guo Qiang 郭强',   'Strongbuild Concrete',    '150 Pinghu Road'),
	('+8675588880017', 'He Ping 何平',     'Peace Dental',            '21 Aiguo Road'),
	('+8675588880018', 'Lin Na 林娜',      'Forest Toys',             '3 Minzhi Avenue'),
	('+8675588880019', 'Luo Gang 罗刚',    'Iron Gate Security',      '58 Qiaoxiang Road'),
	('+8675588880020', 'Liang Yu 梁宇',    NULL,                      '11 Zhenhua Road, Flat 22'),
	('5551234',        'Alex Example',     'Example Works',           '1 Sample Street');

INSERT INTO ticket (id, number, opened, subject, open) VALUES
	(1001, '+8675588880001', '2026-11-19', 'Invoice 7731 charges the freight twice', 1),
	(1002, '+8675588880001', '2026-11-12', 'Wants the contract renewed for three years', 1),
	(1003, '+8675588880001', '2026-10-02', 'Forgot the portal password', 0),
	(1004, '+8675588880002', '2026-11-20', 'Reservation line drops after transfer', 1),
	(1005, '+8675588880003', '2026-11-17', 'Sample lenses arrived scratched', 1),
	(1006, '+8675588880005', '2026-11-21', 'Container SZ-4410: where is it?', 1),
	(1007, '+8675588880005', '2026-11-18', 'Customs papers are missing a stamp', 1),
	(1008, '+8675588880006', '2026-10-30', 'Delivery came without the screws', 0),
	(1009, '+8675588880007', '2026-11-15', 'Refund for cooler model K2', 1),
	(1010, '+8675588880009', '2026-11-20', 'API answers 503 at night', 1),
	(1011, '+8675588880010', '2026-11-16', 'Appointment reminders go to the old number', 1),
	(1012, '+8675588880011', '2026-11-09', 'Asks for the claims report of October', 0),
	(1013, '+8675588880012', '2026-11-21', 'Forty tea sets, by Friday', 1),
	(1014, '+8675588880013', '2026-11-14', 'New collection point at Meilin', 1),
	(1015, '+8675588880015', '2026-11-13', 'Colour of the catalogue is off', 1),
	(1016, '+8675588880016', '2026-11-11', 'Quote for 300 cubic metres', 1),
	(1017, '+8675588880018', '2026-11-20', 'Recall of the red train set', 1),
	(1018, '+8675588880019', '2026-11-18', 'Second badge reader does not open', 1),
	(1019, '5551234',        '2026-11-01', 'A ticket to try things with', 1);

INSERT INTO contact VALUES
	('+8675588880001', '2026-11-20', 'phone', 'Promised an answer about invoice 7731 by Monday'),
	('+8675588880001', '2026-11-12', 'mail',  'Sent the draft contract'),
	('+8675588880001', '2026-10-02', 'phone', 'Reset the portal password'),
	('+8675588880002', '2026-11-20', 'phone', 'Engineer comes on the 24th'),
	('+8675588880003', '2026-11-18', 'mail',  'Sent photographs of the lenses'),
	('+8675588880004', '2026-09-28', 'phone', 'Asked for the price list'),
	('+8675588880005', '2026-11-21', 'phone', 'Very upset. Call back today'),
	('+8675588880006', '2026-11-02', 'mail',  'Thanks for the screws'),
	('+8675588880007', '2026-11-15', 'chat',  'Wants the money back, not another cooler'),
	('+8675588880008', '2026-08-19', 'phone', 'Changed the address'),
	('+8675588880009', '2026-11-20', 'mail',  'Logs attached'),
	('+8675588880010', '2026-11-16', 'phone', 'New number is 0755 8888 0010'),
	('+8675588880011', '2026-11-10', 'mail',  'October report sent'),
	('+8675588880012', '2026-11-21', 'phone', 'Prefers the blue pattern'),
	('+8675588880013', '2026-11-14', 'mail',  'Map of the collection point'),
	('+8675588880015', '2026-11-13', 'phone', 'Sends a proof print'),
	('+8675588880016', '2026-11-12', 'mail',  'Quote 300-A sent'),
	('+8675588880017', '2026-07-07', 'phone', 'Happy with the new chairs'),
	('+8675588880018', '2026-11-20', 'phone', 'Sixty sets were sold'),
	('+8675588880019', '2026-11-19', 'phone', 'Firmware 2.1 did not help'),
	('+8675588880020', '2026-11-03', 'chat',  'Asked for opening hours'),
	('5551234',        '2026-11-01', 'phone', 'Said hello');
