/// Random schemas, policies and writes, small enough that rows meet often.
///
/// Why      Enforcement of writes is judged by what is in the tables afterwards, over many combinations.
/// Life     Values; the same seed makes the same sample.
/// Threads  One thread at a time.
/// Not here Running and judging them (write_oracle_test.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"
#include "policy/policy_set.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace majed::corpora {

/// The same numbers on every machine.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 0x1234567ULL) {}
    /// 0 up to `below`, which is not reached.
    std::size_t roll(std::size_t below);
    std::string number(std::size_t below) { return std::to_string(roll(below)); }
    bool chance(std::size_t of) { return roll(of) == 0; }
    template <class Container>
    const auto& one_of(const Container& all) {
        return all[roll(all.size())];
    }

private:
    std::uint64_t state_;
};

/// Who writes: `who` is one attribute, `list` several values of another.
struct Writer {
    std::string who;
    std::vector<std::string> list;
    [[nodiscard]] Attributes attributes() const { return {{"who", {who}}, {"list", list}}; }
};

/// Which rows of t one write may work on and which it may leave, as plain SQL.
struct Reach {
    std::string rows;
    std::string left;
    /// What the write does to a copy of those rows alone is what it should do; else it reads others of t besides.
    bool exact = true;
};

/// Tables t and s, each under a filter, and acl, which filters may read. Of some samples t has a filter for each action, of
/// some a masked column.
class WriteSample {
public:
    enum class Engine { sqlite, postgres };
    explicit WriteSample(std::uint64_t seed, Engine engine = Engine::sqlite);

    [[nodiscard]] const std::string& schema() const { return schema_; }
    [[nodiscard]] std::shared_ptr<const policy::PolicySet> policies() const;
    /// Statements that fill the tables anew.
    [[nodiscard]] std::string rows(Dice& dice) const;
    /// The filter of `table` for `writer`, as plain SQL.
    [[nodiscard]] std::string filter(std::string_view table, const Writer& writer) const;
    /// What `writer` reaches in t by this write.
    [[nodiscard]] Reach reach(const std::string& sql, const Writer& writer) const;
    /// The write as it is to be run on a copy: what it answers with is masked.
    [[nodiscard]] std::string masked(std::string sql) const;
    /// It would write to the masked column, or depend on it.
    [[nodiscard]] bool touches_mask(const std::string& sql) const;
    [[nodiscard]] bool has_mask() const noexcept { return has_mask_; }
    [[nodiscard]] bool by_action() const noexcept { return by_action_; }
    [[nodiscard]] Writer writer(Dice& dice) const;
    /// One write by anybody.
    [[nodiscard]] std::string write(Dice& dice) const;

private:
    [[nodiscard]] bool on_server() const noexcept { return engine_ == Engine::postgres; }
    [[nodiscard]] std::string merge(Dice& dice) const;
    [[nodiscard]] std::string raising(Dice& dice) const;
    [[nodiscard]] std::string condition(Dice& dice, std::size_t depth = 0) const;
    [[nodiscard]] std::string update(Dice& dice) const;
    [[nodiscard]] std::string deletion(Dice& dice) const;
    [[nodiscard]] std::string insert(Dice& dice) const;
    [[nodiscard]] std::string values(Dice& dice) const;
    [[nodiscard]] std::string returning(Dice& dice) const;
    [[nodiscard]] static std::string told(std::string filter, const Writer& writer);

    Engine engine_;
    std::string schema_;
    std::string filter_t_;  // for all actions, or for reading alone:
    bool by_action_ = false;
    std::string inserted_t_;
    std::string updated_t_;
    std::string deleted_t_;
    bool has_mask_ = false;
    std::string filter_s_;
    bool without_rowid_ = false;
};

}  // namespace majed::corpora
