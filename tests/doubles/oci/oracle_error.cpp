// SPDX-License-Identifier: Apache-2.0
#include "oracle_error.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace majed::oci_double {
namespace {

struct Sentence {
    int code;
    std::string_view text;
};

constexpr auto sentences = std::to_array<Sentence>({
    {1, "unique constraint (%s) violated"},
    {18, "maximum number of sessions exceeded"},
    {20, "maximum number of processes (%s) exceeded"},
    {28, "your session has been killed"},
    {54, "resource busy and acquire with NOWAIT specified or timeout expired"},
    {60, "deadlock detected while waiting for resource"},
    {900, "invalid SQL statement"},
    {902, "invalid datatype"},
    {903, "invalid table name"},
    {904, "%s: invalid identifier"},
    {905, "missing keyword"},
    {907, "missing right parenthesis"},
    {909, "invalid number of arguments"},
    {911, "invalid character"},
    {913, "too many values"},
    {918, "column ambiguously defined"},
    {923, "FROM keyword not found where expected"},
    {925, "missing INTO keyword"},
    {932, "inconsistent datatypes: %s"},
    {933, "SQL command not properly ended"},
    {934, "group function is not allowed here"},
    {936, "missing expression"},
    {942, "table or view does not exist"},
    {947, "not enough values"},
    {955, "name is already used by an existing object"},
    {957, "duplicate column name"},
    {1005, "null password given; logon denied"},
    {1007, "variable not in select list"},
    {1008, "not all variables bound"},
    {1012, "not logged on"},
    {1013, "user requested cancel of current operation"},
    {1017, "invalid username/password; logon denied"},
    {1031, "insufficient privileges"},
    {1033, "ORACLE initialization or shutdown in progress"},
    {1034, "ORACLE not available"},
    {1036, "illegal variable name/number"},
    {1086, "savepoint '%s' never established in this session or is invalid"},
    {1089, "immediate shutdown or close in progress - no operations are permitted"},
    {1400, "cannot insert NULL into (%s)"},
    {1402, "view WITH CHECK OPTION where-clause violation"},
    {1407, "cannot update (%s) to NULL"},
    {1418, "specified index does not exist"},
    {1426, "numeric overflow"},
    {1430, "column being added already exists in table"},
    {1438, "value larger than specified precision allowed for this column"},
    {1453, "SET TRANSACTION must be first statement of transaction"},
    {1456, "may not perform insert/delete/update operation inside a READ ONLY transaction"},
    {1465, "invalid hex number"},
    {1476, "divisor is equal to zero"},
    {1722, "invalid number"},
    {1732, "data manipulation operation not legal on this view"},
    {1756, "quoted string not properly terminated"},
    {1789, "query block has incorrect number of result columns"},
    {1839, "date not valid for month specified"},
    {1861, "literal does not match format string"},
    {2290, "check constraint (%s) violated"},
    {2291, "integrity constraint (%s) violated - parent key not found"},
    {2292, "integrity constraint (%s) violated - child record found"},
    {3001, "unimplemented feature"},
    {3113, "end-of-file on communication channel"},
    {3114, "not connected to ORACLE"},
    {3115, "unsupported network datatype or representation"},
    {3136, "inbound connection timed out"},
    {4043, "object %s does not exist"},
    {6550, "line 1, column 7:\n%s"},
    {8177, "can't serialize access for this transaction"},
    {12170, "TNS:Connect timeout occurred"},
    {12514, "TNS:listener does not currently know of service requested in connect descriptor"},
    {12541, "TNS:no listener"},
    {12899, "value too large for column %s"},
    {16000, "database or pluggable database open for read-only access"},
    {22053, "overflow error"},
    {22165, "given index [%s] must be in the range of [0] to [4294967295]"},
    {22275, "invalid LOB locator specified"},
    {24315, "illegal attribute type %s"},
    {24334, "no descriptor for this position"},
    {24381, "error(s) in array DML"},
    {24418, "Cannot open further sessions."},
    {24457, "OCISessionGet() could not find a free session in the specified timeout period"},
    {28000, "The account is locked."},
    {28001, "the password has expired"},
    {30006, "resource busy; acquire with WAIT timeout expired"},
    {30926, "unable to get a stable set of rows in the source tables"},
    {38104, "Columns referenced in the ON Clause cannot be updated: %s"},
});

constexpr std::string_view prefix = "ORA-";
constexpr std::size_t digits = 5;

std::string_view sentence_of(int code) {
    for (const Sentence& sentence : sentences) {
        if (sentence.code == code) {
            return sentence.text;
        }
    }
    return {};
}

}  // namespace

OracleError oracle_error(int code, std::string_view detail, int offset) {
    std::string text{sentence_of(code)};
    const std::size_t hole = text.find("%s");
    if (hole != std::string::npos) {
        text.replace(hole, 2, detail);
    } else if (text.empty()) {
        text = detail.empty() ? std::string{"error of the script"} : std::string{detail};
    }
    return {.code = code, .text = std::move(text), .offset = offset};
}

std::string error_message(const OracleError& error) {
    std::array<char, 24> number{};
    std::snprintf(number.data(), number.size(), "ORA-%05d: ", error.code);
    return number.data() + error.text + "\n";
}

std::optional<OracleError> parse_error_message(std::string_view message) {
    if (!message.starts_with(prefix) || message.size() < prefix.size() + digits) {
        return std::nullopt;
    }
    int code = 0;
    const char* begin = message.data() + prefix.size();
    if (std::from_chars(begin, begin + digits, code).ec != std::errc{}) {
        return std::nullopt;
    }
    message.remove_prefix(prefix.size() + digits);
    if (message.starts_with(": ")) {
        message.remove_prefix(2);
    }
    return OracleError{.code = code, .text = std::string{message}, .offset = 0};
}

}  // namespace majed::oci_double
