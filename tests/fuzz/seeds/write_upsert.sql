INSERT INTO t1 AS x (id, a) SELECT id, a FROM t2 WHERE true ON CONFLICT (id) WHERE x.b > 1 DO UPDATE SET a = excluded.a || x.region, (b, region) = (1, 2) WHERE excluded.b > x.b ON CONFLICT DO NOTHING
