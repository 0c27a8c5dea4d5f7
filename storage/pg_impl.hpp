#pragma once

// What params, rows and connection share: libpq's types stay behind this header.

#include "storage/pg.hpp"

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace clique::pg {

/// Type numbers of PostgreSQL's catalog (src/include/catalog/pg_type.dat); they never change.
namespace oid {
constexpr std::uint32_t boolean = 16, bytea = 17, name = 19, int8 = 20, int2 = 21, int4 = 23, text = 25, plain_oid = 26,
                        json = 114, float4 = 700, float8 = 701, unknown = 705, bpchar = 1042, varchar = 1043,
                        date = 1082, timestamptz = 1184, jsonb = 3802;
constexpr std::uint32_t boolean_array = 1000, bytea_array = 1001, int4_array = 1007, text_array = 1009,
                        int8_array = 1016, date_array = 1182, timestamptz_array = 1185;
} // namespace oid

/// PostgreSQL counts from 2000-01-01.
constexpr std::chrono::sys_days epoch{std::chrono::year{2000} / 1 / 1};

struct params::impl {
  std::string bytes;                ///< all values, one after the other
  std::vector<std::uint32_t> types; ///< 0: the server infers it
  std::vector<std::size_t> at;      ///< offset into bytes
  std::vector<int> size;            ///< -1: NULL
};

struct clear_answer {
  void operator()(PGresult* x) const {
    PQclear(x);
  }
};
using answer_ptr = std::unique_ptr<PGresult, clear_answer>;

struct rows::impl {
  answer_ptr got;
};

/// The error of a failed answer: code by SQLSTATE, words without values of rows.
/// *where*: name of the statement.
error to_error(const PGresult* answer, std::string_view where);

} // namespace clique::pg
