// SPDX-License-Identifier: Apache-2.0
#include "audit/trail_verification.h"

#include "audit/head_file.h"
#include "audit/purge_order.h"
#include "audit/record_leaf.h"
#include "crypto/merkle_tree.h"
#include "crypto/signed_head.h"
#include "driver/sqlite/database.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::audit {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;
using driver::sqlite::Statement;

constexpr int first_hashed_column = 3;  ///< Behind leaf, record id and hash.

struct KnownHead {
    crypto::TreeState tree = {};
    bool filed = false;  ///< From the second place.
};

std::string record(std::int64_t id) {
    return "record " + std::to_string(id);
}

class Verification {
public:
    Verification(Database& database, const VerificationOptions& options)
        : database_(database), options_(options) {}

    Result<VerificationReport> run() {
        // First, so that the database, which gets each head earlier, knows all of these.
        std::vector<std::string> lines;
        if (!options_.heads_path.empty()) {
            MAJED_TRY_ASSIGN(lines, read_lines(options_.heads_path));
        }
        // One moment of the database, whoever writes meanwhile.
        MAJED_TRY(database_.execute("BEGIN"));
        MAJED_TRY(read_log_id());
        MAJED_TRY(read_heads());
        for (std::size_t i = 0; i < lines.size(); ++i) {
            take_head(lines[i], "line " + std::to_string(i + 1) + " of " + options_.heads_path, true);
        }
        std::ranges::stable_sort(heads_, {}, [](const KnownHead& head) { return head.tree.size; });
        if (!report_.finding) MAJED_TRY(read_purges());
        if (!report_.finding) MAJED_TRY(walk());
        if (!report_.finding) MAJED_TRY(look_for_strangers());
        if (!report_.finding) judge_the_end();
        MAJED_TRY(count_interrupted());
        return std::move(report_);
    }

private:
    void found(std::string what, std::optional<std::int64_t> first = {},
               std::optional<std::int64_t> last = {}) {
        if (!report_.finding) report_.finding = Finding{std::move(what), first, last};
    }

    Result<void> read_log_id() {
        MAJED_TRY_ASSIGN(auto statement, database_.prepare("SELECT log_id FROM audit_tree"));
        MAJED_TRY_ASSIGN(const bool there, statement.step());
        if (there) log_id_ = statement.text(0);
        return {};
    }

    Result<void> read_heads() {
        MAJED_TRY_ASSIGN(auto statement,
                         database_.prepare("SELECT tree_size, head FROM audit_heads ORDER BY tree_size"));
        while (true) {
            MAJED_TRY_ASSIGN(const bool more, statement.step());
            if (!more) return {};
            const std::string place = "the head of " + std::to_string(statement.integer(0)) + " records";
            take_head(statement.text(1), place, false);
            if (!heads_.empty() &&
                static_cast<std::int64_t>(heads_.back().tree.size) != statement.integer(0)) {
                found(place + " is of another number of them");
            }
        }
    }

    void take_head(std::string_view text, const std::string& place, bool filed) {
        const auto head = crypto::parse_head(text);
        if (!head) {
            found(place + " is no signed head");
        } else if (!crypto::verify_head(*head, options_.key)) {
            found(place + " was not signed with this installation's key");
        } else if (head->head.log_id != log_id_) {
            found(place + " vouches for another log, " + head->head.log_id);
        } else {
            heads_.push_back({head->head.tree, filed});
        }
    }

    /// What may be missing. An order counts when it has its leaf and the key's signature, whether or not a head vouches for
    /// it yet: whoever cannot sign heads cannot sign orders.
    Result<void> read_purges() {
        const std::string sql = "SELECT l.hash, " + std::string(hashed_columns) +
                                ", CASE WHEN json_valid(details) THEN json_extract(details, '$.before') END,"
                                " CASE WHEN json_valid(details) THEN json_extract(details, '$.signature') END"
                                " FROM audit_log a LEFT JOIN audit_leaves l ON l.record_id = a.id"
                                " WHERE action = 'audit.purge' AND phase = 'intent' ORDER BY id";
        MAJED_TRY_ASSIGN(auto rows, database_.prepare(sql));
        while (true) {
            MAJED_TRY_ASSIGN(const bool more, rows.step());
            if (!more) return {};
            take_purge(rows);
        }
    }

    void take_purge(const Statement& row) {
        constexpr int event_id = 2;
        constexpr int resource = 8;
        constexpr int resource_id = 9;
        constexpr int behind_record = 1 + hashed_column_count;
        const std::int64_t id = row.integer(1);
        const auto through = record_id_from(row.text(resource_id));
        const PurgeOrder order{log_id_, row.text(event_id), through.value_or(0), row.text(behind_record)};
        const bool ordered = through && *through < id && row.text(resource) == purge_resource &&
                             is_signed(order, row.text(behind_record + 1), options_.key);
        if (!ordered || !fits_leaf(row, 0, 1)) {
            forged_purges_.push_back(id);
        } else {
            purged_through_ = std::max(purged_through_, *through);
        }
    }

    /// The record whose cells begin at `first`, against the hash in `leaf`.
    bool fits_leaf(const Statement& row, int leaf, int first) {
        leaf_.clear();
        for (int i = 0; i < hashed_column_count; ++i) leaf_.add(row.column(first + i));
        hash_ = leaf_.hash();
        const ValueView stored = row.column(leaf);
        const auto* const blob = std::get_if<BlobView>(&stored);
        return blob != nullptr && std::ranges::equal(blob->bytes, std::as_bytes(std::span(hash_)));
    }

    /// Nothing vouches for a record that is gone but its leaf, and for that the heads.
    bool take_hash_of_leaf(const Statement& row) {
        const ValueView stored = row.column(2);
        const auto* const blob = std::get_if<BlobView>(&stored);
        if (blob == nullptr || blob->bytes.size() != hash_.size()) return false;
        std::ranges::copy(std::as_bytes(std::span(blob->bytes)),
                          std::as_writable_bytes(std::span(hash_)).begin());
        return true;
    }

    void missing(std::int64_t id) {
        const auto forged = std::ranges::upper_bound(forged_purges_, id);
        if (forged == forged_purges_.end()) return found(record(id) + " is missing", id, id);
        found(record(*forged) +
                  " says that older ones were purged, and is not what this installation wrote: " +
                  record(id) + " is missing",
              *forged, *forged);
    }

    Result<void> walk() {
        const std::string sql =
            "SELECT l.leaf, l.record_id, l.hash, " + std::string(hashed_columns) +
            " FROM audit_leaves l LEFT JOIN audit_log a ON a.id = l.record_id ORDER BY l.leaf";
        MAJED_TRY_ASSIGN(auto rows, database_.prepare(sql));
        while (true) {
            MAJED_TRY_ASSIGN(const bool more, rows.step());
            if (!more) return {};
            check_row(rows);
            if (report_.finding) return {};
            check_heads_here();
            if (report_.finding) return {};
        }
    }

    void check_row(const Statement& row) {
        const std::int64_t id = row.integer(1);
        if (row.integer(0) != static_cast<std::int64_t>(tree_.size())) {
            return found(
                "leaf " + std::to_string(tree_.size()) + " of the tree is missing, before " + record(id), id,
                id);
        }
        const bool gone = std::holds_alternative<Null>(row.column(first_hashed_column));
        if (gone && (id > purged_through_ || !take_hash_of_leaf(row))) return missing(id);
        if (!gone && !fits_leaf(row, 2, first_hashed_column)) {
            return found(record(id) + " was changed", id, id);
        }
        if (!gone && std::ranges::binary_search(forged_purges_, id)) {
            return found(record(id) + " is a purge that was not signed with this installation's key", id, id);
        }
        if (id <= last_id_) {
            return found(record(id) + " stands behind " + record(last_id_), id, id);
        }
        if (!tree_.append(hash_)) return found("the tree is too large", id, id);
        ++(gone ? report_.purged : report_.records);
        last_id_ = id;
        if (first_since_head_ == 0) first_since_head_ = id;
    }

    void check_heads_here() {
        bool stored = false;
        for (; next_head_ < heads_.size() && heads_[next_head_].tree.size == tree_.size(); ++next_head_) {
            const KnownHead& head = heads_[next_head_];
            if (head.tree.root != tree_.root()) {
                return found("something in records " + std::to_string(first_since_head_) + " to " +
                                 std::to_string(last_id_) + " is not what the head of " +
                                 std::to_string(tree_.size()) + " records was signed for",
                             first_since_head_, last_id_);
            }
            stored = stored || !head.filed;
            if (!stored) {
                return found("the head of " + std::to_string(tree_.size()) +
                             " records was signed and is missing in the database");
            }
            ++(head.filed ? report_.filed_heads : report_.heads);
            signed_size_ = tree_.size();
        }
        if (signed_size_ == tree_.size()) first_since_head_ = 0;
    }

    /// In the log and not in the tree: written by hand.
    Result<void> look_for_strangers() {
        MAJED_TRY_ASSIGN(auto statement, database_.prepare("SELECT min(id) FROM audit_log WHERE id NOT IN "
                                                           "(SELECT record_id FROM audit_leaves)"));
        MAJED_TRY_ASSIGN(const bool there, statement.step());
        if (there && !std::holds_alternative<Null>(statement.column(0)) && !log_id_.empty()) {
            const std::int64_t id = statement.integer(0);
            found(record(id) + " is in no tree: it was not written by this program", id, id);
        }
        return {};
    }

    void judge_the_end() {
        if (next_head_ < heads_.size()) {
            const std::uint64_t size = heads_.back().tree.size;
            found("the log holds " + std::to_string(tree_.size()) +
                      " records, and a signed head vouches for " + std::to_string(size) +
                      ": the last ones are missing, or an old copy was put back",
                  last_id_ + 1);
        }
        if (heads_.empty() && tree_.size() > 0) {
            found("no head vouches for any record: the heads are missing", std::int64_t{1}, last_id_);
        }
        report_.unsigned_records = tree_.size() - signed_size_;
    }

    Result<void> count_interrupted() {
        MAJED_TRY_ASSIGN(
            auto statement,
            database_.prepare("SELECT count(*) FROM (SELECT 1 FROM audit_log WHERE phase <> 'event' "
                              "GROUP BY event_id HAVING max(phase = 'outcome') = 0)"));
        MAJED_TRY(statement.step());
        report_.interrupted = static_cast<std::uint64_t>(statement.integer(0));
        return {};
    }

    Database& database_;
    const VerificationOptions& options_;
    VerificationReport report_;
    std::string log_id_;
    std::vector<KnownHead> heads_;  ///< By size, once all are there.
    std::size_t next_head_ = 0;
    crypto::MerkleFrontier tree_;
    std::uint64_t signed_size_ = 0;
    std::vector<std::int64_t> forged_purges_;  ///< Records, in order.
    std::int64_t purged_through_ = 0;
    std::int64_t last_id_ = 0;
    std::int64_t first_since_head_ = 0;  ///< Record; 0: none.
    RecordLeaf leaf_;
    crypto::Digest hash_{};  ///< Of the record at hand.
};

}  // namespace

Result<VerificationReport> verify_trail(const VerificationOptions& options) {
    MAJED_TRY_ASSIGN(auto database, Database::open(options.database_path, OpenMode::read_only));
    auto report = Verification(database, options).run();
    if (report) return report;
    Error error = std::move(report).error();
    if (error.code == ErrorCode::invalid_argument) {
        error = Error{.code = ErrorCode::unavailable,
                      .message = options.database_path + " holds no audit tree of this program",
                      .hint = "bring it up to date with: majed migrate up"};
    }
    return error;
}

}  // namespace majed::audit
