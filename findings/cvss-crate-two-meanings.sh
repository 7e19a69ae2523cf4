#!/usr/bin/env bash
# In the Rust crate cvss 3.0.0 one method means two scores.
#
# `Cvss::score()` of a vector of version 4.0 heeds all its metrics. Of a vector of version 3.1 it is the base score, whatever
# temporal and environmental metrics follow: E:U/RL:O/RC:U leaves 9.8 at 9.8, where the formula of the specification
# (section 7.2) gives 7.8, as the Python package does. A report that prints both kinds in one column compares different
# things. The overall score of 3.1 has to be computed beside the crate.
#
# Seen: cvss 3.0.0 (Rust): 9.8, 9.8, 9.3, 8.1; cvss 3.6 (Python): (9.8, 7.8, 7.8). Exits with 1 if that changes.
# Needs cargo.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip --quiet install cvss==3.6
mkdir -p scores/src
cat > scores/Cargo.toml <<'TOML'
[package]
name = "scores"
version = "0.0.0"
edition = "2021"

[dependencies]
cvss = "=3.0.0"
TOML
cat > scores/src/main.rs <<'RUST'
fn main() {
    let three = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    let four = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    for (base, more) in [(three, "/E:U/RL:O/RC:U"), (four, "/E:U")] {
        for vector in [base.to_owned(), format!("{base}{more}")] {
            let parsed: cvss::Cvss = vector.parse().unwrap();
            println!("{:.1} {vector}", parsed.score());
        }
    }
}
RUST
cargo run --quiet --manifest-path scores/Cargo.toml | tee seen
python='import cvss; print(cvss.CVSS3("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:U").scores())'
venv/bin/python -c "$python" | tee seen-by-python
[ "$(cut -d' ' -f1 seen | tr '\n' ' ')" = '9.8 9.8 9.3 8.1 ' ]
grep -qxF '(9.8, 7.8, 7.8)' seen-by-python
