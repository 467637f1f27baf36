// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/result_columns.h"

#include <string>
#include <string_view>
#include <utility>

namespace majed::driver::oracle {

namespace {

// Of types that ODPI-C 4.6 has no name for.
constexpr std::uint16_t oci_vector = 127;

constexpr int largest_exact_precision = 18;
constexpr int scale_of_float = -127;
constexpr std::size_t number_width = 200;  ///< Native bytes, and the 172 characters that ODPI-C sets aside.
constexpr std::size_t descriptor_width = 128;
constexpr std::size_t locator_width = 512;

std::string with_size(std::string_view name, std::uint64_t size) {
    return std::string(name) + "(" + std::to_string(size) + ")";
}

std::string number_name(const dpiDataTypeInfo& type) {
    if (type.precision == 0) {
        return type.scale == scale_of_float || type.scale == 0
                   ? "NUMBER"
                   : "NUMBER(*," + std::to_string(type.scale) + ")";
    }
    if (type.scale == scale_of_float) {
        return with_size("FLOAT", static_cast<std::uint64_t>(type.precision));
    }
    std::string name = "NUMBER(" + std::to_string(type.precision);
    if (type.scale != 0) {
        name += "," + std::to_string(type.scale);
    }
    return name + ")";
}

Error unsupported(std::string_view column, std::string_view type, std::string hint) {
    return Error{
        ErrorCode::unsupported,
        "column " + std::string(column) + " is of type " + std::string(type) + ", which cannot be read",
        std::move(hint)};
}

ColumnPlan& as(ColumnPlan& plan, CellForm form, ColumnType type, std::string native_type) {
    plan.form = form;
    plan.column.type = type;
    plan.column.native_type = std::move(native_type);
    return plan;
}

ColumnPlan number_plan(ColumnPlan plan, const dpiDataTypeInfo& type) {
    const bool fits = type.scale == 0 && type.precision > 0 && type.precision <= largest_exact_precision;
    as(plan, fits ? CellForm::integer : CellForm::decimal, fits ? ColumnType::integer : ColumnType::decimal,
       number_name(type));
    plan.native_type = DPI_NATIVE_TYPE_BYTES;
    plan.width = number_width;
    return plan;
}

ColumnPlan text_plan(ColumnPlan plan, const dpiDataTypeInfo& type, std::string_view name) {
    as(plan, CellForm::text, ColumnType::text, with_size(name, type.sizeInChars));
    plan.size = type.clientSizeInBytes;
    plan.width = type.clientSizeInBytes;
    return plan;
}

ColumnPlan timestamp_plan(ColumnPlan plan, const dpiDataTypeInfo& type, std::string_view zone) {
    const bool has_zone = !zone.empty();
    as(plan, has_zone ? CellForm::timestamp_tz : CellForm::timestamp,
       has_zone ? ColumnType::timestamp_tz : ColumnType::timestamp,
       with_size("TIMESTAMP", type.fsPrecision) + std::string(zone));
    plan.native_type = DPI_NATIVE_TYPE_TIMESTAMP;
    plan.width = descriptor_width;
    return plan;
}

ColumnPlan lob_plan(ColumnPlan plan, CellForm form, std::string_view name) {
    as(plan, form, form == CellForm::binary_lob ? ColumnType::blob : ColumnType::text, std::string(name));
    plan.native_type = DPI_NATIVE_TYPE_LOB;
    plan.width = locator_width;
    return plan;
}

ColumnPlan fixed_plan(ColumnPlan plan, CellForm form, ColumnType type, std::string_view name) {
    as(plan, form, type, std::string(name));
    plan.width = descriptor_width;
    return plan;
}

Result<ColumnPlan> refuse(const dpiQueryInfo& column, std::string_view name) {
    switch (column.typeInfo.oracleTypeNum) {
        case DPI_ORACLE_TYPE_JSON:
            return unsupported(name, "JSON", "select JSON_SERIALIZE(column RETURNING CLOB)");
        case DPI_ORACLE_TYPE_LONG_VARCHAR:
        case DPI_ORACLE_TYPE_LONG_NVARCHAR:
            return unsupported(name, "LONG or XMLTYPE",
                               "select XMLSERIALIZE(CONTENT column AS CLOB), or the column of the same name "
                               "that ends in _VC");
        case DPI_ORACLE_TYPE_LONG_RAW:
            return unsupported(name, "LONG RAW", "store it as BLOB: TO_LOB(column)");
        case DPI_ORACLE_TYPE_BFILE:
            return unsupported(name, "BFILE", "load it into a BLOB with DBMS_LOB.LOADBLOBFROMFILE");
        case DPI_ORACLE_TYPE_OBJECT:
            return unsupported(name, "an object type", "select its attributes, or JSON_OBJECT of them");
        case DPI_ORACLE_TYPE_STMT:
            return unsupported(name, "CURSOR", "join instead of selecting a cursor");
        default:
            break;
    }
    if (column.typeInfo.ociTypeCode == oci_vector) {
        return unsupported(name, "VECTOR", "select VECTOR_SERIALIZE(column RETURNING CLOB)");
    }
    return unsupported(name, "number " + std::to_string(column.typeInfo.ociTypeCode) + " of OCI",
                       "select it as text with TO_CHAR or JSON_SERIALIZE");
}

}  // namespace

Result<ColumnPlan> plan_column(const dpiQueryInfo& column) {
    const dpiDataTypeInfo& type = column.typeInfo;
    ColumnPlan plan;
    plan.column.name.assign(column.name, column.nameLength);
    plan.oracle_type = type.oracleTypeNum;
    plan.native_type = type.defaultNativeTypeNum;
    switch (type.oracleTypeNum) {
        case DPI_ORACLE_TYPE_NUMBER:
            return number_plan(std::move(plan), type);
        case DPI_ORACLE_TYPE_VARCHAR:
            return text_plan(std::move(plan), type, "VARCHAR2");
        case DPI_ORACLE_TYPE_NVARCHAR:
            return text_plan(std::move(plan), type, "NVARCHAR2");
        case DPI_ORACLE_TYPE_CHAR:
            return text_plan(std::move(plan), type, "CHAR");
        case DPI_ORACLE_TYPE_NCHAR:
            return text_plan(std::move(plan), type, "NCHAR");
        case DPI_ORACLE_TYPE_RAW:
            as(plan, CellForm::blob, ColumnType::blob, with_size("RAW", type.dbSizeInBytes));
            plan.size = type.clientSizeInBytes;
            plan.width = type.clientSizeInBytes;
            return plan;
        case DPI_ORACLE_TYPE_NATIVE_FLOAT:
            return fixed_plan(std::move(plan), CellForm::real32, ColumnType::real, "BINARY_FLOAT");
        case DPI_ORACLE_TYPE_NATIVE_DOUBLE:
            return fixed_plan(std::move(plan), CellForm::real64, ColumnType::real, "BINARY_DOUBLE");
        case DPI_ORACLE_TYPE_BOOLEAN:
            return fixed_plan(std::move(plan), CellForm::boolean, ColumnType::boolean, "BOOLEAN");
        case DPI_ORACLE_TYPE_DATE:
            return fixed_plan(std::move(plan), CellForm::timestamp, ColumnType::timestamp, "DATE");
        case DPI_ORACLE_TYPE_TIMESTAMP:
            return timestamp_plan(std::move(plan), type, "");
        case DPI_ORACLE_TYPE_TIMESTAMP_TZ:
            return timestamp_plan(std::move(plan), type, " WITH TIME ZONE");
        case DPI_ORACLE_TYPE_TIMESTAMP_LTZ:
            return timestamp_plan(std::move(plan), type, " WITH LOCAL TIME ZONE");
        case DPI_ORACLE_TYPE_INTERVAL_DS:
            return fixed_plan(std::move(plan), CellForm::interval_ds, ColumnType::interval,
                              "INTERVAL DAY TO SECOND");
        case DPI_ORACLE_TYPE_INTERVAL_YM:
            return fixed_plan(std::move(plan), CellForm::interval_ym, ColumnType::interval,
                              "INTERVAL YEAR TO MONTH");
        case DPI_ORACLE_TYPE_ROWID:
        case DPI_ORACLE_TYPE_UROWID:
            return fixed_plan(std::move(plan), CellForm::rowid, ColumnType::text, "ROWID");
        case DPI_ORACLE_TYPE_CLOB:
            return lob_plan(std::move(plan), CellForm::character_lob, "CLOB");
        case DPI_ORACLE_TYPE_NCLOB:
            return lob_plan(std::move(plan), CellForm::character_lob, "NCLOB");
        case DPI_ORACLE_TYPE_BLOB:
            return lob_plan(std::move(plan), CellForm::binary_lob, "BLOB");
        default:
            return refuse(column, plan.column.name);
    }
}

}  // namespace majed::driver::oracle
