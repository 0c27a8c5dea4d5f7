#pragma once

// Facts as text, so that two sources of the same order can be compared, and the fixtures.

#include "core/facts.hpp"
#include "net/client.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace shopify_test {

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A file of tests/data/shopify.
inline std::string fixture(const std::string& name) {
  return file_text(std::filesystem::path(__FILE__).parent_path() / ".." / "data" / "shopify" / name);
}

inline clique::http::incoming_answer answer_of(int status, std::string body) {
  clique::http::incoming_answer result;
  result.status = status;
  result.headers = {{"content-type", "application/json"}, {"x-shopify-api-version", "2026-10"}};
  result.body = std::move(body);
  return result;
}

template <class T>
std::string shown(const std::optional<T>& x) {
  return x ? std::to_string(*x) : "-";
}

inline std::string shown(const std::optional<clique::time_point>& x) {
  return x ? clique::format_time(*x) : "-";
}

inline std::string shown(const clique::refund& x) {
  auto result =
      fmt::format("refund {} at {} shipping {}+{} adjustment {}+{} paid {}\n", x.id, clique::format_time(x.at),
                  x.shipping, x.shipping_tax, x.adjustment, x.adjustment_tax, x.paid_back);
  for (auto& y : x.lines)
    result += fmt::format("  {} x{} {}+{}\n", y.line_id, y.quantity, y.subtotal, y.tax);
  return result;
}

inline std::string shown(const clique::order& x) {
  auto result =
      fmt::format("order {} {} created {} processed {} updated {} cancelled {} test {} [{}] [{}] from {}\n", x.id,
                  x.name, clique::format_time(x.created_at), shown(x.processed_at), clique::format_time(x.updated_at),
                  shown(x.cancelled_at), x.test, x.financial_status, x.fulfillment_status, x.source_name);
  result += fmt::format("{} {} {} included {} | {} {} {} {} {} {} | {} {} {} {}\n", x.unit.code(), x.presentment.code(),
                        x.presentment_total, x.taxes_included, x.subtotal, x.discounts, x.shipping, x.tax, x.tips,
                        x.total, x.current_subtotal, x.current_discounts, x.current_tax, x.current_total);
  result += fmt::format("customer {} {} {}\n", shown(x.customer_id), x.landing_site, x.referring_site);
  for (auto& y : x.discount_codes)
    result += "code " + y + "\n";
  for (auto& [name, value] : x.note_attributes)
    result += "note " + name + "=" + value + "\n";
  for (auto& y : x.lines)
    result +=
        fmt::format("line {} {} {} {} {} x{} now {} at {} off {}\n", y.id, shown(y.variant_id), shown(y.product_id),
                    y.sku, y.title, y.quantity, y.current_quantity, y.unit_price, y.discount);
  for (auto& y : x.refunds)
    result += shown(y);
  return result;
}

inline std::string shown(const clique::product& x) {
  auto result = fmt::format("product {} {} {} {} {} [{}] {} {} {} {} complete {}\n", x.id, x.title, x.handle, x.vendor,
                            x.product_type, x.tags, x.status, shown(x.created_at), clique::format_time(x.updated_at),
                            shown(x.published_at), x.variants_complete);
  for (auto& y : x.variants)
    result +=
        fmt::format("variant {} of {} item {} {} {} {} {} was {} cost {} has {} tracked {} continue {} at {} {}\n",
                    y.id, y.product_id, shown(y.inventory_item_id), y.title, y.sku, y.barcode, y.price,
                    shown(y.compare_at_price), shown(y.unit_cost), shown(y.available), y.tracked, y.continue_selling,
                    y.position, clique::format_time(y.updated_at));
  return result;
}

} // namespace shopify_test
