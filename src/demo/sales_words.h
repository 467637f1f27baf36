/// Words the demo data is made of. People are invented, domains and telephone numbers reserved for fiction.
///
/// Why      Data and the code that deals it out change for different reasons.
/// Life     Constants.
/// Threads  Any.
/// Not here How they are combined (sales_database.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace majed::demo {

struct Name {
    std::string_view written;
    std::string_view ascii;  ///< For e-mail addresses.
};

inline constexpr std::array<Name, 48> first_names{
    {{"Amelia", "amelia"}, {"Noah", "noah"},         {"Sofía", "sofia"},    {"Liam", "liam"},
     {"Yasmin", "yasmin"}, {"Oliver", "oliver"},     {"Chloé", "chloe"},    {"Mateo", "mateo"},
     {"Aisha", "aisha"},   {"Ethan", "ethan"},       {"Mei", "mei"},        {"Lucas", "lucas"},
     {"Priya", "priya"},   {"Henry", "henry"},       {"Zoë", "zoe"},        {"Omar", "omar"},
     {"Grace", "grace"},   {"Diego", "diego"},       {"Hannah", "hannah"},  {"Kenji", "kenji"},
     {"Leila", "leila"},   {"Samuel", "samuel"},     {"Ingrid", "ingrid"},  {"Andre", "andre"},
     {"Fatima", "fatima"}, {"Jonas", "jonas"},       {"Nadia", "nadia"},    {"Victor", "victor"},
     {"Elena", "elena"},   {"Tariq", "tariq"},       {"Ruth", "ruth"},      {"Felix", "felix"},
     {"Maya", "maya"},     {"Peter", "peter"},       {"Jürgen", "juergen"}, {"Anna", "anna"},
     {"Daniel", "daniel"}, {"Kateryna", "kateryna"}, {"Isaac", "isaac"},    {"Julia", "julia"},
     {"Marcus", "marcus"}, {"Salma", "salma"},       {"Thomas", "thomas"},  {"Beatriz", "beatriz"},
     {"Karim", "karim"},   {"Laura", "laura"},       {"Simon", "simon"},    {"Dina", "dina"}}};

inline constexpr std::array<Name, 60> last_names{
    {{"Okafor", "okafor"},       {"Müller", "mueller"},  {"Nguyen", "nguyen"},       {"García", "garcia"},
     {"Smith", "smith"},         {"Haddad", "haddad"},   {"Kowalski", "kowalski"},   {"Tanaka", "tanaka"},
     {"Johnson", "johnson"},     {"Patel", "patel"},     {"Núñez", "nunez"},         {"Brown", "brown"},
     {"Ivanova", "ivanova"},     {"Silva", "silva"},     {"O'Brien", "obrien"},      {"Chen", "chen"},
     {"Martin", "martin"},       {"Rahman", "rahman"},   {"Andersson", "andersson"}, {"Rossi", "rossi"},
     {"Wilson", "wilson"},       {"Khalil", "khalil"},   {"Dubois", "dubois"},       {"Kim", "kim"},
     {"Novak", "novak"},         {"Davies", "davies"},   {"Sato", "sato"},           {"Mbeki", "mbeki"},
     {"Larsen", "larsen"},       {"Costa", "costa"},     {"Weber", "weber"},         {"Thompson", "thompson"},
     {"Al-Masri", "almasri"},    {"Singh", "singh"},     {"Moreau", "moreau"},       {"Fischer", "fischer"},
     {"Carter", "carter"},       {"Yilmaz", "yilmaz"},   {"Horvath", "horvath"},     {"Lopez", "lopez"},
     {"Jensen", "jensen"},       {"Park", "park"},       {"Mensah", "mensah"},       {"Evans", "evans"},
     {"Popescu", "popescu"},     {"Schmidt", "schmidt"}, {"Walker", "walker"},       {"Aziz", "aziz"},
     {"Berg", "berg"},           {"Santos", "santos"},   {"Murphy", "murphy"},       {"Nakamura", "nakamura"},
     {"Taylor", "taylor"},       {"Farah", "farah"},     {"Petrov", "petrov"},       {"Green", "green"},
     {"Lindqvist", "lindqvist"}, {"Morales", "morales"}, {"Baker", "baker"},         {"Hassan", "hassan"}}};

/// Reserved for documentation by RFC 2606.
inline constexpr std::array<std::string_view, 5> mail_domains{
    "example.com", "mail.example.com", "example.org", "post.example.org", "example.net"};

struct Region {
    std::string_view name;
    unsigned share;  ///< Of 100 customers.
    std::array<std::string_view, 3> area_codes;
};

inline constexpr std::array<Region, 5> regions{{{"NORTH", 24, {"218", "320", "763"}},
                                                {"EAST", 27, {"212", "617", "215"}},
                                                {"SOUTH", 20, {"404", "512", "305"}},
                                                {"WEST", 18, {"206", "415", "503"}},
                                                {"CENTRAL", 11, {"303", "402", "316"}}}};

struct Category {
    std::string_view name;
    std::int64_t usual_cents;
    std::array<std::string_view, 8> things;
};

inline constexpr std::array<Category, 5> categories{
    {{"OFFICE",
      1900,
      {"Stapler", "Paper A4", "Notebook", "Desk Lamp", "Whiteboard", "Binder", "Pen Set", "Shredder"}},
     {"COMPUTING",
      14900,
      {"Keyboard", "Monitor 27", "Dock", "Mouse", "Webcam", "SSD 1TB", "Router", "Headset"}},
     {"FURNITURE", 24900, {"Desk", "Chair", "Cabinet", "Shelf", "Stool", "Table", "Locker", "Partition"}},
     {"KITCHEN",
      3900,
      {"Kettle", "Espresso Machine", "Mug Set", "Toaster", "Fridge", "Filter", "Tray", "Blender"}},
     {"SAFETY",
      2900,
      {"Helmet", "Gloves", "First Aid Kit", "Goggles", "Vest", "Ear Muffs", "Boots", "Extinguisher"}}}};

inline constexpr std::array<std::string_view, 5> product_lines{"Basic", "Classic", "Plus", "Pro", "Eco"};

}  // namespace majed::demo
