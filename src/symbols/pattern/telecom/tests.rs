use super::*;
use crate::language;

/// Returns each definition with its role, if it is no definition, its kind, name and lines.
fn rows(name: &str, text: &str) -> Vec<String> {
    let known = language::by_name(name);
    let code = language::zones(known, text.as_bytes()).blanked(text);
    let mut found = Vec::new();
    symbols(name, text, &code, &mut found);
    let row = |s: &Symbol| {
        let extent = &text[s.extent.start as usize..s.extent.end as usize];
        let role = if s.role == SymbolRole::Definition {
            ""
        } else {
            "declared "
        };
        format!(
            "{role}{} {} {}",
            s.kind,
            s.name_in(text),
            extent.lines().count()
        )
    };
    found.iter().map(row).collect()
}

#[test]
fn ttcn() {
    let text = "module M {\n\
        import from Types all;\n\
        const integer c_max := 5;\n\
        modulepar integer PX_A := 1;\n\
        modulepar { charstring PX_B := \"x\"; Mod.T PX_C }\n\
        template MyPdu a_Request(integer p := 1) := {\n  id := p\n}\n\
        template (value) Mod.MyPdu b modifies a_Request := { id := 2 }\n\
        private template MyPdu c := ?;\n\
        type record MyPdu {\n  integer id,\n  Foo f optional\n}\n\
        type set S { Foo f }\ntype union U { Foo f, Bar b }\n\
        type record length(1..4) of Foo Foos;\ntype set of Foo FooSet;\n\
        type enumerated E { e_a(1), e_b }\n\
        type integer Byte (0..255);\n\
        type port P message { inout MyPdu }\n\
        type component C extends D {\n  port P pco;\n  var integer v;\n}\n\
        signature Sig(in integer a) return integer;\n\
        external function fx_enc(MyPdu p) return octetstring;\n\
        function f(in MyPdu p,\n  template MyPdu q) runs on C {\n  var template MyPdu t := { id := 1 };\n  log(\"template X y\");\n}\n\
        altstep as() { [] p.receive }\n\
        testcase tc() runs on C { }\n}\n";
    assert_eq!(
        rows("TTCN-3", text),
        [
            "module M 35",
            "constant c_max 1",
            "constant PX_A 1",
            "constant PX_B 1",
            "constant PX_C 1",
            "constant a_Request 3",
            "constant b 1",
            "constant c 1",
            "struct MyPdu 4",
            "struct S 1",
            "union U 1",
            "type Foos 1",
            "type FooSet 1",
            "enum E 1",
            "enumerator e_a 1",
            "enumerator e_b 1",
            "type Byte 1",
            "interface P 1",
            "class C 4",
            "variable pco 1",
            "interface Sig 1",
            "function fx_enc 1",
            "function f 5",
            "function as 1",
            "function tc 1",
        ]
    );
}

#[test]
fn yang() {
    let text = "module acme-net {\n  identity base-type;\n  feature fast-path { description \"leaf no;\"; }\n\
        \x20 extension my-ext { argument name; }\n  typedef port-name { type string; }\n\
        \x20 grouping g { leaf-list names { type string; } }\n  container c {\n    list l { key \"k\";\n\
        \x20     leaf k { type enumeration { enum up; enum \"down-2\"; } }\n    }\n\
        \x20   choice ch { case ca { leaf \"quoted-leaf\" { type int8; } } }\n  }\n\
        \x20 rpc reset { input { leaf x { type string; } } }\n  notification link-down;\n\
        \x20 augment \"/if:a\" { leaf y.z { type string; } }\n  // leaf no { }\n}\n";
    assert_eq!(
        rows("YANG", text),
        [
            "module acme-net 17",
            "constant base-type 1",
            "constant fast-path 1",
            "macro my-ext 1",
            "type port-name 1",
            "struct g 1",
            "field names 1",
            "struct c 6",
            "struct l 3",
            "field k 1",
            "enumerator up 1",
            "enumerator down-2 1",
            "struct ch 1",
            "struct ca 1",
            "field quoted-leaf 1",
            "function reset 1",
            "field x 1",
            "struct link-down 1",
            "field y.z 1",
        ]
    );
}

#[test]
fn p4() {
    let text = "#include <core.p4>\ntypedef bit<48> mac_t;\nconst bit<16> TYPE_IPV4 = 0x800;\n\
        header ethernet_t {\n  mac_t dst;\n}\nheader_union hu { ethernet_t e; }\nstruct metadata { }\n\
        enum bit<8> Kind { A = 1, B }\nerror { Bad }\nextern Checksum<T> { Checksum(); }\nextern void drop(in bit<8> x);\n\
        parser MyParser(packet_in p,\n  out headers h) {\n  state start {\n    transition accept;\n  }\n}\n\
        control MyIngress(inout headers h) {\n  action drop_it() { mark(); }\n  @name(\"table no\") table ipv4 {\n\
        \x20   actions = { drop_it; }\n  }\n  apply { ipv4.apply(); }\n}\npackage Sw(MyParser p);\nSw(MyParser()) main;\n";
    assert_eq!(
        rows("P4", text),
        [
            "type mac_t 1",
            "constant TYPE_IPV4 1",
            "struct ethernet_t 3",
            "union hu 1",
            "struct metadata 1",
            "enum Kind 1",
            "enumerator A 1",
            "enumerator B 1",
            "interface Checksum 1",
            "function drop 1",
            "class MyParser 6",
            "function start 3",
            "class MyIngress 7",
            "function drop_it 1",
            "struct ipv4 3",
            "class Sw 1",
        ]
    );
}

#[test]
fn sdl() {
    let text = "SYSTEM Net;\n  SIGNAL attach_req(Imsi, integer), attach_acc;\n  NEWTYPE Imsi\n    LITERALS a, b;\n  ENDNEWTYPE Imsi;\n\
        \x20 SYNONYM max_ue INTEGER = 4, min_ue INTEGER = 1;\n  SIGNALLIST up = attach_req;\n\
        \x20 BLOCK Mme REFERENCED;\n  PROCESS Ue(1, 1);\n    DCL n INTEGER, m INTEGER;\n    TIMER t1;\n    START;\n      OUTPUT attach_req;\n\
        \x20 ENDPROCESS Ue;\n  procedure p; endprocedure;\nENDSYSTEM Net;\n";
    assert_eq!(
        rows("SDL", text),
        [
            "module Net 16",
            "struct attach_req 1",
            "struct attach_acc 1",
            "type Imsi 3",
            "constant max_ue 1",
            "constant min_ue 1",
            "struct up 1",
            "declared module Mme 1",
            "function Ue 6",
            "variable n 1",
            "variable m 1",
            "variable t1 1",
            "function p 1",
        ]
    );
}

#[test]
fn chill() {
    let text = "switch: MODULE\n  SYN max = 4, min = 1;\n  NEWMODE line = STRUCT (a INT, b BOOL);\n  DCL x, y INT;\n\
        \x20 attach: PROC (a INT) RETURNS (BOOL);\n    -- detach: PROC\n    IF a THEN x := 1; FI;\n  END attach;\n\
        \x20 watch: PROCESS (); DO; OD; END watch;\nEND switch;\n";
    assert_eq!(
        rows("CHILL", text),
        [
            "module switch 10",
            "constant max 1",
            "constant min 1",
            "type line 1",
            "variable x 1",
            "variable y 1",
            "function attach 4",
            "function watch 1",
        ]
    );
}

#[test]
fn plm() {
    let text = "MAIN: DO;\n  DECLARE LIT LITERALLY 'LITERALLY', (A, B) BYTE, BUF(80) BYTE;\n\
        \x20 /* NO: PROCEDURE; */\n  SEND$MSG: PROCEDURE (P) BYTE PUBLIC;\n    DECLARE P ADDRESS;\n    LOOP: DO WHILE P > 0;\n\
        \x20     P = P - 1;\n    END LOOP;\n    RETURN 0;\n  END SEND$MSG;\nEND MAIN;\n";
    assert_eq!(
        rows("PL/M", text),
        [
            "module MAIN 11",
            "macro LIT 1",
            "variable A 1",
            "variable B 1",
            "variable BUF 1",
            "function SEND$MSG 7",
            "variable P 1",
        ]
    );
}

/// Texts that open much and close nothing are read once.
#[test]
fn hostile_texts_are_read_once() {
    for unit in [
        "module a {",
        "template ",
        "type record of ",
        "a: PROC ",
        "leaf x {",
        "END a ",
        "signal a,",
        "declare (",
        "const <",
    ] {
        let text = unit.repeat((1 << 17) / unit.len());
        for dialect in DIALECTS {
            rows(dialect.name, &text);
        }
        let mut found = Vec::new();
        super::super::asn1::symbols("MIB", text.as_bytes(), &mut found);
        super::super::erlang::symbols(&text, text.as_bytes(), &mut found);
    }
}
