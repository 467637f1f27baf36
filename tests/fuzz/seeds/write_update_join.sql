UPDATE t1 SET a = 1 FROM t2 LEFT JOIN free ON k = c, (SELECT word FROM secret) s WHERE t1.id = t2.id AND word = t1.a
