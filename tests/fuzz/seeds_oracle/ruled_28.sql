SELECT 1; /* */ ;
