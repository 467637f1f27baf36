COPY c FROM stdin; SELECT 1;
\.
