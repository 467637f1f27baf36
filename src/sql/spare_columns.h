/// Lists of columns that a resolver makes on its way, lent and taken back.
///
/// Why      Each query of a statement needs some for a moment: the memory of one serves the next.
/// Life     Of one resolving; its memory is the tree's.
/// Threads  One thread at a time.
/// Not here The columns that stay: those are arrays of the tree (tree.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/tree.h"

#include <cstddef>
#include <memory_resource>
#include <utility>
#include <vector>

namespace majed::sql {

using OutputColumns = std::pmr::vector<OutputColumn>;

class SpareColumns {
public:
    explicit SpareColumns(std::pmr::memory_resource* memory) : memory_(memory), spare_(memory) {
        spare_.reserve(most);
    }

    /// An empty list for one scope.
    class Lent {
    public:
        explicit Lent(SpareColumns& owner) : owner_(owner), columns_(owner.lend()) {}
        Lent(const Lent&) = delete;
        Lent& operator=(const Lent&) = delete;
        Lent(Lent&&) = delete;
        Lent& operator=(Lent&&) = delete;
        ~Lent() { owner_.take_back(std::move(columns_)); }

        OutputColumns& operator*() noexcept { return columns_; }
        OutputColumns* operator->() noexcept { return &columns_; }

    private:
        SpareColumns& owner_;
        OutputColumns columns_;
    };

private:
    static constexpr std::size_t most = 8;

    OutputColumns lend() {
        if (spare_.empty()) return OutputColumns(memory_);
        OutputColumns columns = std::move(spare_.back());
        spare_.pop_back();
        return columns;
    }
    void take_back(OutputColumns columns) noexcept {
        columns.clear();
        if (spare_.size() < most) spare_.push_back(std::move(columns));
    }

    std::pmr::memory_resource* memory_;
    std::pmr::vector<OutputColumns> spare_;
};

}  // namespace majed::sql
