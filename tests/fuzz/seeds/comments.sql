SELECT a /* c */ FROM t1 -- end
WHERE 1