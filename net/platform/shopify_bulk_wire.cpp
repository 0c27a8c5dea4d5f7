#include "net/platform/shopify_graph_wire.hpp"
#include "net/platform/shopify_wire.hpp"

#include <fmt/format.h>

#include <map>

namespace clique::shopify {

namespace {

constexpr std::size_t max_line = 16u * 1024 * 1024; // bytes; no order of Shopify's limits comes near

/// An order while its lines come, in any order.
struct family {
  std::optional<order> root;
  std::vector<order_line> lines;
  std::size_t first_seen = 0; ///< line number
};

} // namespace

struct bulk_reader::impl {
  currency unit;
  std::string tail; ///< the unfinished line
  std::size_t number = 0;
  std::map<shopify_id, family> families;
  std::vector<shopify_id> roots; ///< in the file's order
  std::vector<shopify_id> again;
  std::optional<error> broken;

  error at_line(const error& x) const {
    return {x.code, fmt::format("line {} of the bulk file: {}", number, x.what), x.hint};
  }

  result<void> take(std::string_view line) {
    ++number;
    if (!line.empty() && line.back() == '\r')
      line.remove_suffix(1);
    if (line.empty())
      return {};
    auto got = read_document(line, [&](const node& x) {
      add(x);
      return true;
    });
    if (!got)
      return at_line(got.error());
    return {};
  }

  void add(const node& x) {
    auto parent = x["__parentId"];
    if (parent.present()) {
      auto& into = families[parent.gid("Order")];
      if (into.first_seen == 0)
        into.first_seen = number;
      into.lines.push_back(read_graph_line(x, unit));
      return;
    }

    std::vector<missing> todo;
    auto root = read_graph_order(x, unit, 0, todo);
    auto& into = families[root.id];
    if (into.root)
      return x["id"].fail("names an order that came before");
    roots.push_back(root.id);
    if (!root.refunds.empty()) {
      again.push_back(root.id);
      root.updated_at -= std::chrono::microseconds(1);
    }
    into.root = std::move(root);
  }
};

bulk_reader::bulk_reader(currency shop_unit) : impl_(std::make_unique<impl>()) {
  impl_->unit = shop_unit;
}

bulk_reader::~bulk_reader() = default;
bulk_reader::bulk_reader(bulk_reader&&) noexcept = default;
bulk_reader& bulk_reader::operator=(bulk_reader&&) noexcept = default;

result<void> bulk_reader::feed(std::string_view piece) {
  auto& x = *impl_;
  if (x.broken)
    return *x.broken;
  while (true) {
    auto end = piece.find('\n');
    auto part = piece.substr(0, end);
    if (x.tail.size() + part.size() > max_line) {
      ++x.number;
      x.broken = x.at_line({ec::too_large, "is longer than 16 MiB", ""});
      return *x.broken;
    }
    if (end == std::string_view::npos) {
      x.tail += part;
      return {};
    }

    // Whole lines are read where they are; only the first of a piece may have begun in an earlier one.
    x.tail.append(x.tail.empty() ? std::string_view() : part);
    auto got = x.take(x.tail.empty() ? part : std::string_view(x.tail));
    x.tail.clear();
    if (!got) {
      x.broken = got.error();
      return got;
    }
    piece.remove_prefix(end + 1);
  }
}

result<std::vector<order>> bulk_reader::finish() {
  auto& x = *impl_;
  if (!x.broken && !x.tail.empty()) {
    // Without its line end the last line is whole only if it is a whole document.
    auto last = std::move(x.tail);
    x.tail.clear();
    if (auto got = x.take(last); !got)
      x.broken = error{ec::bad_input, got.error().what + " (the file was cut off)", "the download is repeated"};
  }
  if (x.broken)
    return *x.broken;

  for (auto& [id, found] : x.families)
    if (!found.root)
      return error{ec::bad_input,
                   fmt::format("line {} of the bulk file: its order {} is not in the file", found.first_seen, id),
                   "the download is repeated"};
  std::vector<order> result;
  result.reserve(x.roots.size());
  for (auto id : x.roots) {
    auto& found = x.families[id];
    auto& of = result.emplace_back(std::move(*found.root));
    of.lines.insert(of.lines.end(), std::make_move_iterator(found.lines.begin()),
                    std::make_move_iterator(found.lines.end()));
  }
  x.families.clear();
  x.roots.clear();
  return result;
}

const std::vector<shopify_id>& bulk_reader::to_read_again() const {
  return impl_->again;
}

} // namespace clique::shopify
