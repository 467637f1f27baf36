// SPDX-License-Identifier: Apache-2.0
#include "audit/tree_writer.h"

#include "audit/head_file.h"
#include "crypto/random.h"
#include "crypto/signed_head.h"

#include <array>
#include <span>
#include <utility>

namespace majed::audit {
namespace {

using driver::sqlite::Database;
using driver::sqlite::Statement;

constexpr std::size_t log_id_bytes = 12;
/// Heads that wait for the second file to be writable again; the database has them all.
constexpr std::size_t most_unfiled = 1024;

Error tampered(std::string what) {
    return Error{.code = ErrorCode::internal,
                 .message = "the audit's tree cannot grow: " + std::move(what),
                 .hint = "see what is wrong with it: majed audit verify"};
}

Blob blob_of(std::span<const std::uint8_t> bytes) {
    const auto view = std::as_bytes(bytes);
    return Blob{{view.begin(), view.end()}};
}

Result<Statement> prepare(Database& connection, std::string_view sql) {
    auto statement = connection.prepare(sql);
    if (statement) return statement;
    return Error{.code = ErrorCode::unavailable,
                 .message = "the primary store holds no audit tree of this program",
                 .hint = "bring it up to date with: majed migrate up"};
}

Result<void> run(Statement& statement, std::span<const Value> values) {
    MAJED_TRY(statement.bind(values));
    auto done = statement.step();
    statement.reset();
    if (!done) return std::move(done).error();
    return {};
}

}  // namespace

TreeWriter::TreeWriter(Statements statements, const AuditOptions& options)
    : sql_(std::move(statements)),
      signing_key_(options.signing_key),
      heads_path_(options.heads_path),
      sign_every_(options.sign_every) {}

Result<TreeWriter> TreeWriter::open(Database& connection, const AuditOptions& options) {
    const std::string records = "SELECT " + std::string(hashed_columns) + " FROM audit_log ORDER BY id";
    MAJED_TRY_ASSIGN(auto read_tree, prepare(connection, "SELECT log_id, frontier FROM audit_tree"));
    MAJED_TRY_ASSIGN(
        auto write_tree,
        prepare(connection,
                "INSERT INTO audit_tree (id, log_id, frontier) VALUES (1, ?1, ?2) ON CONFLICT (id) DO "
                "UPDATE SET frontier = excluded.frontier"));
    MAJED_TRY_ASSIGN(
        auto insert_leaf,
        prepare(connection, "INSERT INTO audit_leaves (leaf, record_id, hash) VALUES (?1, ?2, ?3)"));
    MAJED_TRY_ASSIGN(auto last_head,
                     prepare(connection, "SELECT coalesce(max(tree_size), 0) FROM audit_heads"));
    MAJED_TRY_ASSIGN(auto insert_head,
                     prepare(connection, "INSERT INTO audit_heads (tree_size, head) VALUES (?1, ?2)"));
    MAJED_TRY_ASSIGN(auto old_records, prepare(connection, records));
    TreeWriter writer({std::move(read_tree), std::move(write_tree), std::move(insert_leaf),
                       std::move(last_head), std::move(insert_head), std::move(old_records)},
                      options);
    // What a process that was killed left without a head gets one, also when nothing more is written.
    MAJED_TRY(writer.read_tree());
    return writer;
}

Result<void> TreeWriter::catch_up() {
    new_head_.clear();
    grown_ = false;
    MAJED_TRY_ASSIGN(const bool there, read_tree());
    if (!there) return begin_tree();
    return {};
}

Result<bool> TreeWriter::read_tree() {
    sql_.read_tree.reset();
    MAJED_TRY_ASSIGN(const bool there, sql_.read_tree.step());
    if (!there) return false;
    log_id_ = sql_.read_tree.text(0);
    const ValueView stored = sql_.read_tree.column(1);
    const auto* const blob = std::get_if<BlobView>(&stored);
    if (blob == nullptr) return tampered("its frontier is no blob");
    auto tree = crypto::MerkleFrontier::restore(
        {reinterpret_cast<const std::uint8_t*>(blob->bytes.data()), blob->bytes.size()});
    sql_.read_tree.reset();
    if (!tree) return tampered("its frontier cannot be read");
    tree_ = std::move(*tree);
    sql_.last_head.reset();
    MAJED_TRY_ASSIGN(const bool told, sql_.last_head.step());
    signed_size_ = told ? static_cast<std::uint64_t>(sql_.last_head.integer(0)) : 0;
    sql_.last_head.reset();
    unsigned_ = tree_.size() > signed_size_;
    return true;
}

Result<void> TreeWriter::begin_tree() {
    tree_ = {};
    signed_size_ = 0;
    unsigned_ = false;
    grown_ = true;
    log_id_ = "majed-" + crypto::random_hex(log_id_bytes);
    sql_.records.reset();
    while (true) {
        MAJED_TRY_ASSIGN(const bool more, sql_.records.step());
        if (!more) break;
        leaf_.clear();
        for (int column = 0; column < hashed_column_count; ++column) {
            leaf_.add(sql_.records.column(column));
        }
        MAJED_TRY(append(sql_.records.integer(0), leaf_.hash()));
    }
    sql_.records.reset();
    return {};
}

Result<void> TreeWriter::append(std::int64_t record_id, const crypto::Digest& leaf) {
    const std::array<Value, 3> values{static_cast<std::int64_t>(tree_.size()), record_id, blob_of(leaf)};
    if (auto inserted = run(sql_.insert_leaf, values); !inserted) {
        return inserted.error().code == ErrorCode::conflict
                   ? tampered("leaf " + std::to_string(tree_.size()) + " is there already")
                   : std::move(inserted).error();
    }
    MAJED_TRY(tree_.append(leaf));
    unsigned_ = true;
    grown_ = true;
    return {};
}

Result<void> TreeWriter::conclude(Signing signing, std::chrono::system_clock::time_point now) {
    if (grown_) {
        const std::array<Value, 2> values{log_id_, blob_of(tree_.serialize())};
        MAJED_TRY(run(sql_.write_tree, values));
    }
    if (has_unsigned() && (signing == Signing::now || SteadyClock::now() >= due_at_)) {
        return sign(now);
    }
    return {};
}

Result<void> TreeWriter::sign(std::chrono::system_clock::time_point now) {
    const auto time = std::chrono::floor<std::chrono::milliseconds>(now);
    MAJED_TRY_ASSIGN(const auto head,
                     crypto::sign_head({log_id_, {tree_.size(), tree_.root()}, time}, *signing_key_));
    MAJED_TRY_ASSIGN(std::string line, crypto::format_head(head));
    const std::array<Value, 2> values{static_cast<std::int64_t>(tree_.size()), line};
    MAJED_TRY(run(sql_.insert_head, values));
    new_head_ = std::move(line);
    return {};
}

void TreeWriter::file_heads() {
    if (!new_head_.empty()) {
        unsigned_ = false;
        due_at_ = SteadyClock::now() + sign_every_;
        if (!heads_path_.empty() && unfiled_.size() < most_unfiled) unfiled_.push_back(std::move(new_head_));
        new_head_.clear();
    }
    if (!unfiled_.empty() && append_lines(heads_path_, unfiled_)) unfiled_.clear();
}

void TreeWriter::postpone() noexcept {
    due_at_ = SteadyClock::now() + sign_every_;
}

}  // namespace majed::audit
