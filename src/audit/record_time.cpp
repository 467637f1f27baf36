// SPDX-License-Identifier: Apache-2.0
#include "audit/record_time.h"

#include <array>
#include <cstddef>
#include <cstdio>

namespace majed::audit {
namespace {

using Moment = std::chrono::sys_time<std::chrono::microseconds>;

/// Takes a text apart from its start; what does not fit is remembered to the end.
class TimeScanner {
public:
    explicit TimeScanner(std::string_view text) : rest_(text) {}

    /// Exactly so many digits.
    unsigned number(std::size_t digits) {
        unsigned value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            const bool is_digit = i < rest_.size() && rest_[i] >= '0' && rest_[i] <= '9';
            if (!is_digit) {
                fits_ = false;
                return 0;
            }
            value = value * 10 + static_cast<unsigned>(rest_[i] - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }
    unsigned at_most(unsigned value, unsigned most) {
        fits_ = fits_ && value <= most;
        return value;
    }
    bool skip(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void demand(char c) { fits_ = skip(c) && fits_; }
    std::chrono::microseconds fraction() {
        constexpr std::size_t most_digits = 6;
        const std::size_t end = rest_.find_first_not_of("0123456789");
        const std::size_t digits = end == std::string_view::npos ? rest_.size() : end;
        fits_ = fits_ && digits > 0 && digits <= most_digits;
        if (!fits_) return {};
        unsigned value = number(digits);
        for (std::size_t i = digits; i < most_digits; ++i) value *= 10;
        return std::chrono::microseconds(value);
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool fits() const { return fits_; }

private:
    std::string_view rest_;
    bool fits_ = true;
};

std::chrono::microseconds time_of_day(TimeScanner& scanner) {
    std::chrono::microseconds time = std::chrono::hours(scanner.at_most(scanner.number(2), 23));
    scanner.demand(':');
    time += std::chrono::minutes(scanner.at_most(scanner.number(2), 59));
    if (scanner.skip(':')) {
        time += std::chrono::seconds(scanner.at_most(scanner.number(2), 59));
        if (scanner.skip('.')) time += scanner.fraction();
    }
    scanner.demand('Z');
    return time;
}

}  // namespace

std::string timestamp(std::chrono::system_clock::time_point when) {
    const auto micros = std::chrono::floor<std::chrono::microseconds>(when);
    const auto day = std::chrono::floor<std::chrono::days>(micros);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(micros - day);
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                  static_cast<int>(time.subseconds().count()));
    return text.data();
}

std::string comparable_text(std::chrono::system_clock::time_point when) {
    std::string text = timestamp(when);
    text.pop_back();
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

std::optional<Moment> parse_time(std::string_view text) {
    TimeScanner scanner(text);
    const std::chrono::year year(static_cast<int>(scanner.number(4)));
    scanner.demand('-');
    const std::chrono::month month(scanner.number(2));
    scanner.demand('-');
    const std::chrono::year_month_day date(year, month, std::chrono::day(scanner.number(2)));
    std::chrono::microseconds time{0};
    if (!scanner.at_end()) {
        scanner.demand('T');
        time = time_of_day(scanner);
    }
    if (!scanner.fits() || !scanner.at_end() || !date.ok()) return {};
    return Moment(std::chrono::sys_days(date)) + time;
}

}  // namespace majed::audit
