// SPDX-License-Identifier: Apache-2.0
// Json: a document to print, in the order in which it was put together. nlohmann-json writes it;
// its header costs seconds in each file that includes it, so only json.cc does.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinfer {

class Json final {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, natural, real, text, array, object };

  // Out of line: a document's initializer lists make and destroy hundreds of these.
  Json() noexcept;
  Json(std::nullptr_t) noexcept;
  Json(const Json&);
  Json(Json&&) noexcept;
  Json& operator=(const Json&);
  Json& operator=(Json&&) noexcept;
  ~Json();

  template <std::same_as<bool> T>  // no pointer is a truth value
  Json(T value) : Json(Number{.natural = value}, Kind::boolean) {}
  template <std::signed_integral T>
  Json(T value) : Json(Number{.integer = value}, Kind::integer) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) Json(T value) : Json(Number{.natural = value}, Kind::natural) {}
  template <std::floating_point T>
  Json(T value) : Json(Number{.real = static_cast<double>(value)}, Kind::real) {}
  Json(const std::string& value);
  Json(std::string_view value);
  Json(const char* value);
  template <class T>
  Json(const std::vector<T>& values) : Json(array()) {
    for (const T& value : values) push_back(Json(value));
  }
  // An object when each part is a pair of a text and a value, else an array.
  Json(std::initializer_list<Json> parts);

  static Json array(std::initializer_list<Json> parts = {});
  static Json object();
  // A document as text, written by another part of the program; null when it is none.
  static Json parse(std::string_view text);

  // Of an object, or of null, which becomes one.
  Json& operator[](std::string_view key);
  Json& operator[](const char* key);
  // Of an array.
  Json& operator[](std::size_t index);
  Json& back();
  // To an array, or to null, which becomes one.
  void push_back(Json value);

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }

  // indent < 0: on one line. Bytes that are no UTF-8 are replaced.
  [[nodiscard]] std::string dump(int indent = -1) const;

 private:
  friend struct JsonWriter;
  union Number {
    std::int64_t integer;
    std::uint64_t natural;
    double real;
  };
  Json(Number number, Kind kind) noexcept;

  Kind kind_ = Kind::null;
  Number number_{.natural = 0};
  std::string text_;
  std::vector<Json> items_;
  std::vector<std::string> keys_;  // of an object, one an item
};

// On a line of its own.
void print_json(std::ostream& out, const Json& json);

}  // namespace pinfer
