/// Where values come from: of every column of every query, the base columns that flow into it.
///
/// Why      An advisor, an audit or a person asks about tables, not about the queries between them and the answer.
/// Life     Filled by one FactCollector for one statement after the other; keeps its memory.
/// Threads  One thread at a time.
/// Not here What decides which rows are there (predicates, EXISTS): facts.h lists it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/resolver.h"
#include "sql/tree.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace majed::sql {

/// ColumnUse::column of a row id that stands for no column.
inline constexpr std::uint32_t row_id_column = std::numeric_limits<std::uint32_t>::max();

/// A set of base columns, kept by a LineageTable.
struct Lineage {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    [[nodiscard]] bool empty() const noexcept { return count == 0; }
};

class LineageTable {
public:
    void clear() noexcept;

    /// The columns of `set`, each once, in an order that means nothing.
    [[nodiscard]] std::span<const ColumnUse> columns(Lineage set) const noexcept {
        return std::span(origins_).subspan(set.first, set.count);
    }
    /// False: the statement mixes so many columns that some were left out of the sets.
    [[nodiscard]] bool complete() const noexcept { return complete_; }

    /// Looks at a FROM clause before the expressions over it, so that no call goes deeper than the text is nested.
    void prepare(List<FromItem>& items);
    void prepare(Select& select) { static_cast<void>(entry_of(select)); }

    /// Of resolved nodes; not to be asked while prepare() runs.
    [[nodiscard]] Lineage of_output(Select& select, std::uint32_t column);
    [[nodiscard]] Lineage of_item(FromItem& item, std::uint32_t column);
    [[nodiscard]] Lineage of_value(Expr& expr);

    /// Leave for `steps` more of work that may grow faster than the text.
    [[nodiscard]] bool charge(std::size_t steps) noexcept;

private:
    /// A query whose columns are known, or are being found: then it stands inside itself.
    struct Entry {
        const Select* select = nullptr;
        std::uint32_t first = 0;  // in outputs_
        bool done = false;
        bool recursive = false;
    };

    std::uint32_t entry_of(Select& select);
    void compute(Select& select, std::uint32_t first);
    void close(std::uint32_t first, std::uint32_t count);
    std::size_t add_core(Core& core, std::uint32_t count);
    Lineage merged(std::size_t base, std::size_t rows, std::uint32_t count, std::uint32_t column);
    Lineage output(Select& select, std::uint32_t column);
    Lineage item_column(FromItem& item, std::uint32_t column);
    Lineage named(Expr& expr);
    Lineage whole_row(FromItem& item);
    Lineage value(Expr& expr);
    void gather(Expr& expr);
    void gather_query(Expr& expr);
    void gather_window(Window& window);
    void add(Lineage set);
    Lineage keep(std::size_t base);
    Lineage settled(Lineage set);

    std::vector<Entry> selects_;
    std::vector<Lineage> outputs_;
    // A column without a relation is a column of a recursive query that was not known yet: a place in outputs_.
    std::vector<ColumnUse> origins_;
    std::vector<ColumnUse> scratch_;          // a stack: sets being gathered
    std::vector<Lineage> pieces_;             // a stack: one row for each core of a compound
    std::vector<const FromItem*> functions_;  // a stack: table functions whose arguments are being looked at
    std::vector<std::uint32_t> queue_;
    std::vector<std::uint32_t> marks_;
    std::size_t spent_ = 0;
    bool complete_ = true;
};

}  // namespace majed::sql
