/// A statement: its translation, its binds and defines, its cursor.
///
/// Why      OCI's calls for statements are many; what they mean is decided here once.
/// Life     From OCIStmtPrepare2 to OCIStmtRelease; the columns it described stay where they are until then.
/// Threads  The session's.
/// Not here The C functions: calls_statement.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "buffers.h"
#include "database.h"
#include "handles.h"
#include "script.h"
#include "sql_translation.h"

namespace majed::oci_double {

class Session;

struct Execution {
    std::uint32_t iterations = 0;
    std::uint32_t first = 0;
    std::uint32_t mode = 0;
};

class Statement : public Handle {
public:
    /// `service` has a session.
    Statement(Service& service, std::string sql);
    ~Statement() override;

    /// Answers answer_success, answer_error, or answer_success_with_warning when rows of a batch failed.
    int execute(Service& service, ErrorHandle& errors, const Execution& execution);
    int fetch(ErrorHandle& errors, std::uint32_t rows);

    /// Nothing when the statement has no such bind.
    Binding* bind_by_name(const std::string& name);
    Binding* bind_by_position(std::uint32_t position);
    Define& define(std::uint32_t position);

    Session& owner() { return session_; }
    const Translation& translation() const { return translation_; }
    const std::string& sql() const { return sql_; }
    /// Thirteen characters, the same for the same text.
    const std::string& sql_id() const { return sql_id_; }
    const std::vector<Column>& columns() const { return columns_; }
    std::uint32_t fetched() const { return fetched_; }
    std::uint64_t row_count() const { return row_count_; }
    const std::vector<std::uint64_t>& dml_row_counts() const { return dml_row_counts_; }
    std::uint32_t dml_error_count() const { return dml_error_count_; }
    int error_offset() const { return error_offset_; }
    const std::string& last_rowid() const { return last_rowid_; }

    /// Takes the rest of the rows into memory, so that SQLite's snapshot is given back.
    void keep_rest();
    /// The session ended: nothing more comes.
    void forget_cursor();

private:
    Session& session() { return session_; }
    Failure prepare();
    Failure run(ErrorHandle& errors, const Execution& execution);
    Failure run_hints();
    Failure run_query(std::uint32_t mode);
    Failure run_changes(ErrorHandle& errors, const Execution& execution);
    Failure run_one_change(std::uint32_t iteration, ErrorHandle& errors, std::uint32_t mode);
    Failure change(std::uint32_t iteration);
    Failure merge(std::uint32_t iteration);
    /// A statement of which one row fails leaves nothing.
    Failure checked_change(std::uint32_t iteration);
    Failure check_rows(std::uint32_t iteration, const std::vector<Row>& rows);
    Failure give_returned(std::uint32_t iteration, const std::vector<Row>& rows);
    Failure run_definition();
    Failure run_simple(Action action);
    Failure alter_session();
    Failure lock_table();
    Failure bind_values(std::uint32_t iteration) { return bind_values(prepared_.get(), iteration); }
    Failure bind_values(sqlite3_stmt* prepared, std::uint32_t iteration);
    Binding* binding_of(std::size_t occurrence);
    Failure take_canned(const CannedAnswer& answer);
    /// Steps once: a row goes to pending_.
    Failure step();
    Failure failed(int result);
    void describe(sqlite3_stmt* prepared);
    Column describe_column(sqlite3_stmt* prepared, int index);
    const SelectItem* item_of(int index, int count) const;

    Service* service_;
    Session& session_;
    const std::string sql_;
    const std::string sql_id_;
    Translation translation_;
    std::string subject_;
    std::map<std::string, std::unique_ptr<Binding>> by_name_;
    std::map<std::uint32_t, std::unique_ptr<Binding>> by_position_;
    std::map<std::uint32_t, std::unique_ptr<Define>> defines_;
    PreparedStatement prepared_;
    std::vector<Column> columns_;
    std::deque<std::vector<Column>> columns_of_before_;
    std::deque<Row> pending_;
    Failure pending_failure_;
    bool exhausted_ = true;
    std::uint32_t fetched_ = 0;
    std::uint64_t row_count_ = 0;
    std::vector<std::uint64_t> dml_row_counts_;
    std::uint32_t dml_error_count_ = 0;
    int error_offset_ = 0;
    std::string last_rowid_;
};

}  // namespace majed::oci_double
