INSERT INTO t VALUES (q'[it's; ]x]', Q'{;}', nq'!a'b;!', N'n;', q'<>>', q'é;'é');
SELECT q'('';)' FROM dual
/
