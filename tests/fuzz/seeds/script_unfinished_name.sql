SELECT "a;"";
