// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/copy_run.h"

#include <gtest/gtest.h>

namespace majed::driver::postgres {
namespace {

TEST(CopyRun, knows_the_statement_that_takes_rows_however_it_is_dressed) {
    for (const char* sql : {"COPY t FROM STDIN", "copy s.t (a, b) from stdin with (format csv, header)",
                            "/* a /* b */ TO */ COPY -- TO\n \"TO\" (\"from\") FROM /**/ STDIN;",
                            "COPY t FROM STDIN WHERE a > 1", "COPY \"odd \"\" FROM 'x'\" FROM STDIN"}) {
        EXPECT_TRUE(takes_rows(sql)) << sql;
    }
}

TEST(CopyRun, refuses_what_reads_elsewhere_gives_rows_or_is_another_statement) {
    for (const char* sql :
         {"", "COPY", "COPY t", "COPY t FROM", "COPY t FROM 'STDIN'", "COPY t FROM \"stdin\"",
          "COPY t FROM PROGRAM 'cat'", "COPY t TO STDOUT", "COPY (SELECT a FROM stdin) TO STDOUT",
          "COPY t FROM '/etc/passwd' -- FROM STDIN", "DELETE FROM stdin",
          "INSERT INTO t SELECT 'COPY t FROM STDIN'", "\"COPY\" t FROM STDIN", "/* COPY t FROM STDIN",
          "COPY t /* FROM STDIN", "COPY (a FROM STDIN"}) {
        EXPECT_FALSE(takes_rows(sql)) << sql;
    }
}

}  // namespace
}  // namespace majed::driver::postgres
