CREATE TABLE c (a int, b text);
COPY c FROM STDIN; -- rows
1	one;
2	'two
-- majed:down
\\.
\.
COPY c (a) FROM STDIN WITH (FORMAT csv);
\.
SELECT 1;
