namespace a::b { namespace c { class K; } }
namespace { int hidden; }
template <typename T> class Foo : public Bar<T>, private Baz {
public:
  Foo(int a) : x(a), y{1} {}
  ~Foo();
  explicit Foo(const Foo &) = delete;
  virtual void m(int) const override { call(1); obj.meth(2); p->q<int>(3); ns::fn(4); new Thing(1); auto z = Thing2{1}; }
  static constexpr int kMax = 3;
  int x, *y;
  T operator+(const T &o) const { return o; }
  using Ptr = std::shared_ptr<Foo>;
  enum class E : int { A, B };
  friend void fr();
  template <class U> void tm(U u) { u.template foo<int>(); }
  int (*cb)(int);
private:
  struct In { int a; };
};
template <typename T> Foo<T>::~Foo() { }
void a::b::Foo::meth(int x) const noexcept { return; }
bool operator==(const A &l, const A &r) { return true; }
auto lam = [](int x) { return x; };
static const std::string s = "x";
using Alias = int;
typedef int myint;
extern "C" { int cfn(void); void cdef(void) { } }
extern "C" int cfn2(void);
union U { int a; };
struct S final { };
template <typename T> concept C = requires(T a) { a + a; };
#define M(x) x
int main(int argc, char **argv) { MyType v(1); std::vector<int> w; foo<int>(1); return Foo::bar(2); }
class EXPORT_API Z { void q(); };
Foo::Foo(int a) : x(a) { }
constexpr auto kk = 1;
int g(int), gg;
namespace al = a::b;
