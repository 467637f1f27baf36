// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/result_columns.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace majed::driver::oracle {

namespace {

dpiQueryInfo described(dpiOracleTypeNum type, int precision = 0, int scale = 0) {
    dpiQueryInfo column{};
    column.name = "C";
    column.nameLength = 1;
    column.typeInfo.oracleTypeNum = type;
    column.typeInfo.precision = static_cast<std::int16_t>(precision);
    column.typeInfo.scale = static_cast<std::int8_t>(scale);
    column.typeInfo.fsPrecision = 9;
    column.typeInfo.sizeInChars = 40;
    column.typeInfo.clientSizeInBytes = 160;
    column.typeInfo.dbSizeInBytes = 16;
    return column;
}

}  // namespace

TEST(ColumnPlan, fetches_every_number_as_text) {
    struct Case {
        int precision;
        int scale;
        ColumnType type;
        const char* name;
    };
    for (const Case& number : std::vector<Case>{{18, 0, ColumnType::integer, "NUMBER(18)"},
                                                {1, 0, ColumnType::integer, "NUMBER(1)"},
                                                {19, 0, ColumnType::decimal, "NUMBER(19)"},
                                                {12, 2, ColumnType::decimal, "NUMBER(12,2)"},
                                                {5, -2, ColumnType::decimal, "NUMBER(5,-2)"},
                                                {0, -127, ColumnType::decimal, "NUMBER"},
                                                {0, 0, ColumnType::decimal, "NUMBER"},
                                                {38, 0, ColumnType::decimal, "NUMBER(38)"},
                                                {126, -127, ColumnType::decimal, "FLOAT(126)"}}) {
        const auto plan = plan_column(described(DPI_ORACLE_TYPE_NUMBER, number.precision, number.scale));
        ASSERT_TRUE(plan);
        EXPECT_EQ(plan->native_type, static_cast<dpiNativeTypeNum>(DPI_NATIVE_TYPE_BYTES));
        EXPECT_EQ(plan->column.type, number.type) << number.name;
        EXPECT_EQ(plan->column.native_type, number.name);
    }
}

TEST(ColumnPlan, names_every_type_it_reads) {
    struct Case {
        dpiOracleTypeNum type;
        ColumnType column;
        const char* name;
    };
    for (const Case& given : std::vector<Case>{
             {DPI_ORACLE_TYPE_VARCHAR, ColumnType::text, "VARCHAR2(40)"},
             {DPI_ORACLE_TYPE_NCHAR, ColumnType::text, "NCHAR(40)"},
             {DPI_ORACLE_TYPE_RAW, ColumnType::blob, "RAW(16)"},
             {DPI_ORACLE_TYPE_DATE, ColumnType::timestamp, "DATE"},
             {DPI_ORACLE_TYPE_TIMESTAMP, ColumnType::timestamp, "TIMESTAMP(9)"},
             {DPI_ORACLE_TYPE_TIMESTAMP_TZ, ColumnType::timestamp_tz, "TIMESTAMP(9) WITH TIME ZONE"},
             {DPI_ORACLE_TYPE_TIMESTAMP_LTZ, ColumnType::timestamp_tz, "TIMESTAMP(9) WITH LOCAL TIME ZONE"},
             {DPI_ORACLE_TYPE_INTERVAL_DS, ColumnType::interval, "INTERVAL DAY TO SECOND"},
             {DPI_ORACLE_TYPE_NATIVE_FLOAT, ColumnType::real, "BINARY_FLOAT"},
             {DPI_ORACLE_TYPE_BOOLEAN, ColumnType::boolean, "BOOLEAN"},
             {DPI_ORACLE_TYPE_ROWID, ColumnType::text, "ROWID"},
             {DPI_ORACLE_TYPE_NCLOB, ColumnType::text, "NCLOB"},
             {DPI_ORACLE_TYPE_BLOB, ColumnType::blob, "BLOB"}}) {
        const auto plan = plan_column(described(given.type));
        ASSERT_TRUE(plan) << given.name;
        EXPECT_EQ(plan->column.type, given.column) << given.name;
        EXPECT_EQ(plan->column.native_type, given.name);
        EXPECT_GT(plan->width, 0U);
    }
}

TEST(ColumnPlan, says_how_to_select_what_cannot_be_read) {
    for (const int type : {DPI_ORACLE_TYPE_JSON, DPI_ORACLE_TYPE_LONG_VARCHAR, DPI_ORACLE_TYPE_LONG_RAW,
                           DPI_ORACLE_TYPE_BFILE, DPI_ORACLE_TYPE_OBJECT, DPI_ORACLE_TYPE_STMT, 0}) {
        const auto plan = plan_column(described(static_cast<dpiOracleTypeNum>(type)));
        ASSERT_FALSE(plan);
        EXPECT_EQ(plan.error().code, ErrorCode::unsupported);
        EXPECT_FALSE(plan.error().hint.empty());
    }
    dpiQueryInfo vector = described(0);
    vector.typeInfo.ociTypeCode = 127;
    EXPECT_NE(plan_column(vector).error().hint.find("VECTOR_SERIALIZE"), std::string::npos);
}

}  // namespace majed::driver::oracle
