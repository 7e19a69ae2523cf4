//! Checks.
use std::collections::HashMap;

pub const LIMIT: usize = 3;
static mut COUNT: u32 = 0;

macro_rules! check {
    ($e:expr) => { assert!($e) };
}

#[derive(Debug)]
pub struct Store<T> {
    pub names: Vec<T>,
    count: u32,
}

struct Unit;
struct Pair(u8, u8);

pub enum Mode {
    Fast,
    Slow { by: u32 },
    Other(u8),
}

union Bits { a: u32, b: f32 }

type Alias = Store<u8>;

pub trait Check {
    const WIDTH: u8 = 1;
    type Out;
    fn check(&self) -> bool;
    fn both(&self) -> bool { self.check() }
}

impl<T> Check for Store<T> {
    type Out = u8;
    fn check(&self) -> bool {
        let local = HashMap::new();
        println!("{}", self.count);
        helper::run::<u8>(local);
        Mode::Slow { by: 1 };
        Pair(1, 2);
        Self::make().names.len() > 0
    }
}

impl<T> Store<T> {
    pub async unsafe fn make() -> Self { todo!() }
}

mod inner {
    pub(crate) fn f() { super::g() }
}

extern "C" {
    fn strcpy(to: *mut u8, from: *const u8) -> *mut u8;
    static errno: i32;
}

fn g() {
    fn nested() {}
    nested();
}
