INSERT INTO t1 (a, b) VALUES (1, 'x'), (?, (SELECT max(c) FROM t2)) RETURNING id AS k, *
