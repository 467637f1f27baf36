/// Writes ranges of an Oracle statement's tokens in SQLite's dialect.
///
/// Why      Queries, DML, views and defaults in DDL share every rule about expressions.
/// Life     For one translation.
/// Threads  One.
/// Not here Which ranges: sql_translation.h, ddl_translation.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "sql_translation.h"

namespace majed::oci_double {

class SqlWriter {
public:
    SqlWriter(Translation& out, std::string owner);

    /// Tokens [begin, end) in SQLite's words; sets the translation's problem when Oracle would refuse them.
    void write(std::size_t begin, std::size_t end);
    /// One token, or the few it belongs with; answers where to go on.
    std::size_t write_one(std::size_t index, std::size_t end);
    /// Text of ours, with the place it stands for.
    void add(std::string_view text, std::size_t token);
    /// The token behind the parenthesis that `open` opens.
    std::size_t behind_parenthesis(std::size_t open) const;

private:
    const Token& at(std::size_t index) const;
    std::size_t write_word(std::size_t index, std::size_t end);
    std::size_t write_symbol(std::size_t index, std::size_t end);
    std::size_t write_literal(std::size_t index);
    std::size_t write_row_limit(std::size_t index);
    std::size_t write_cast(std::size_t index);
    std::size_t write_extract(std::size_t index);
    std::size_t write_xml_table(std::size_t index);
    std::size_t write_json_table(std::size_t index);
    std::size_t write_row_number(std::size_t index);
    std::size_t behind_primary(std::size_t index) const;
    void write_number(std::size_t index);
    bool write_negative_number(std::size_t index);
    bool is_operand(std::size_t index) const;
    void write_bind(std::size_t index);
    bool is_row_limit(std::size_t index) const;

    Translation& out_;
    std::string owner_;
};

/// 'it''s'
std::string quoted_text(std::string_view text);
/// "NAME"
std::string quoted_name(std::string_view name);

}  // namespace majed::oci_double
