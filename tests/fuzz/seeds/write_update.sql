UPDATE OR FAIL t1 AS x INDEXED BY t1_a SET a = c, (b, region) = (SELECT k, v FROM free) FROM t2 WHERE x.id = t2.t1_id AND x.a = 'n' RETURNING a
