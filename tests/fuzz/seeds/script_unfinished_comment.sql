SELECT 1; /* /* */ ;
