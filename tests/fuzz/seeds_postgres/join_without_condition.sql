SELECT * FROM quad_point_tbl_ord_seq1 seq FULL JOIN quad_point_tidx.n
WHERE seq.dist IS DISTINCT FROM idx.dist