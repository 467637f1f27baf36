// SPDX-License-Identifier: Apache-2.0
#include "cli/demonstration.h"

#include "cli/problem_text.h"
#include "cli/text_block.h"
#include "format/rows_writer.h"
#include "telemetry/request_id.h"

#include <array>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::cli {
namespace {

struct Asker {
    std::string_view name;
    std::string_view who;
};

constexpr std::array<Asker, 4> askers{{{"admin", "the administrator: every row and column"},
                                       {"sam", "a superuser: regions NORTH and EAST"},
                                       {"nora", "a normal user: region NORTH"},
                                       {"acme", "an integration client: public columns"}}};

struct Question {
    std::string_view title;
    std::string_view sql;
    std::string_view notice;
};

constexpr std::array<Question, 3> questions{
    {{"A list with personal data",
      "SELECT CUSTOMER_NAME, EMAIL, PHONE, REGION FROM CUSTOMERS ORDER BY CUSTOMER_ID LIMIT 4",
      "Same text, four answers: rows outside a caller's regions are not there, and what a caller may not "
      "read is "
      "masked."},
     {"An aggregate over a join",
      "SELECT c.REGION, count(*) AS ORDERS, round(sum(o.TOTAL_AMOUNT)) AS AMOUNT\n"
      "FROM CUSTOMERS c JOIN ORDERS o USING (CUSTOMER_ID)\n"
      "WHERE o.ORDER_DATE >= '2025-01-01' GROUP BY c.REGION ORDER BY c.REGION",
      "Sums and counts run over the visible rows only; amounts are not public, so the client's sums are "
      "NULL."},
     {"A hostile attempt", "SELECT EMAIL FROM CUSTOMERS UNION ALL SELECT sql FROM sqlite_schema",
      "What the gateway does not allow is refused before anything runs, with its place, for the admin as "
      "well."}}};

struct Answer {
    std::string text;  ///< Rows and footer, or the refusal.
    bool refused = false;
};

/// Collects the rows as a table.
class TableSink final : public gateway::ResultSink {
public:
    Result<void> columns(std::span<const gateway::ResultColumn> columns) override {
        std::vector<format::RowsColumn> named;
        for (const auto& column : columns) {
            named.push_back({column.name, column.type, column.masked});
        }
        writer_->columns(named);
        return {};
    }
    Result<void> row(std::span<const ValueView> cells) override {
        writer_->row(cells);
        return {};
    }
    /// The footer over several lines, so that blocks stay narrow.
    std::string finish(const gateway::QuerySummary& summary) {
        writer_->finish({});
        text_.erase(text_.rfind('\n', text_.size() - 2) + 1);
        text_ += std::to_string(summary.row_count) + (summary.row_count == 1 ? " row\n" : " rows\n");
        append_names("filtered: ", summary.row_filters);
        append_names("masked: ", summary.masked_columns);
        return std::move(text_);
    }

private:
    void append_names(std::string_view title, const std::vector<std::string>& names) {
        std::string line;
        for (const auto& name : names) {
            line += (line.empty() ? std::string(title) : ", ") + name;
        }
        text_ += line.empty() ? "" : line + "\n";
    }

    std::string text_;
    std::unique_ptr<format::RowsWriter> writer_ = format::make_rows_writer(format::RowsFormat::table, text_);
};

class Show {
public:
    Show(Terminal& terminal, gateway::Gateway& gateway, store::PrimaryStore& store)
        : terminal_(terminal), gateway_(gateway), store_(store) {}

    Result<void> ask(std::size_t number, const Question& question) {
        auto& out = terminal_.out;
        out << bold(std::to_string(number) + ". " + std::string(question.title)) << "\n\n";
        for (const auto& line : block_of(std::string(question.sql))) {
            out << "     " << line << "\n";
        }
        out << "\n";
        std::vector<Answer> answers;
        for (const auto& asker : askers) {
            MAJED_TRY_ASSIGN(Answer answer, answer_to(asker, question));
            answers.push_back(std::move(answer));
        }
        print(answers);
        out << "\n  " << question.notice << "\n\n";
        return {};
    }

    [[nodiscard]] std::size_t ran() const { return ran_; }
    [[nodiscard]] std::size_t refused() const { return refused_; }

private:
    Result<Answer> answer_to(const Asker& asker, const Question& question) {
        MAJED_TRY_ASSIGN(const auto principal, store_.principal_named(asker.name));
        gateway::QueryRequest request;
        request.sql = question.sql;
        request.origin = {telemetry::make_request_id(), "local", "majed demo"};
        TableSink sink;
        const auto summary = gateway_.query(principal, request, sink);
        if (!summary) {
            ++refused_;
            return Answer{problem_text(summary.error(), question.sql), true};
        }
        ++ran_;
        return Answer{sink.finish(*summary), false};
    }

    void print(const std::vector<Answer>& answers) {
        std::vector<TextBlock> blocks;
        for (std::size_t i = 0; i < answers.size(); ++i) {
            std::string heading = heading_of(askers.at(i));
            // Refusals in the same words are said once.
            while (answers[i].refused && i + 1 < answers.size() && answers[i + 1].text == answers[i].text) {
                ++i;
                heading += "\n" + heading_of(askers.at(i));
            }
            blocks.push_back(block_of(heading + "\n" + answers[i].text));
        }
        terminal_.out << side_by_side(blocks, {});
    }

    [[nodiscard]] static std::string heading_of(const Asker& asker) {
        return "▸ " + std::string(asker.name) + ", " + std::string(asker.who);
    }
    [[nodiscard]] std::string bold(const std::string& text) const {
        return terminal_.out_is_terminal ? "\x1b[1m" + text + "\x1b[0m" : text;
    }

    Terminal& terminal_;
    gateway::Gateway& gateway_;
    store::PrimaryStore& store_;
    std::size_t ran_ = 0;
    std::size_t refused_ = 0;
};

}  // namespace

Result<void> demonstrate(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, installation->store());
    MAJED_TRY_ASSIGN(audit::AuditTrail* const trail, installation->audit());
    MAJED_TRY_ASSIGN(gateway::Gateway* const gateway, installation->gateway());
    auto& out = context.terminal.out;
    out << "\nThe same SQL, asked by four principals through the gateway.\n\n";
    Show show(context.terminal, *gateway, *store);
    for (std::size_t i = 0; i < questions.size(); ++i) {
        MAJED_TRY(show.ask(i + 1, questions.at(i)));
    }
    trail->flush();
    out << "Audit: " << trail->stats().written << " records written. " << show.ran()
        << " statements ran: intent before, outcome after; " << show.refused()
        << " were refused: one record each.\n";
    return {};
}

}  // namespace majed::cli
