//! The table of languages.
//!
//! One row a language, its five columns split by ` | `: the name; aliases; where it is found (`.extension`,
//! `=file name`, `!interpreter`); comments (a single mark runs to the end of the line, `open,close` encloses);
//! quotes with, behind them, `data` or `document` for what is no code. Rows are sorted by name without case.
//! An extension that several languages share stands with one of them; `detect.rs` asks the content.

use super::{Language, LanguageKind};

const TABLE: &str = r#"
ABNF | | .abnf .ebnf .bnf | ; | " data
ActionScript | as3 | .as | // /*,*/ | "'
Ada | | .adb .ads .ada | -- | "'
Ant Build | | =build.xml | <!--,--> | "' data
AppleScript | | .applescript .scpt !osascript | -- # (*,*) | "
AsciiDoc | adoc | .adoc .asciidoc | // | document
ASN.1 | asn1 asn | .asn .asn1 .asnp | -- /*,*/ | "
ASP | | .asp .aspx .ascx | <!--,--> | "
Assembly | asm nasm gas | .s .asm .nasm .a51 .s79 .mips | # ; // @ /*,*/ | "
Awk | gawk | .awk !awk !gawk !mawk | # | "
Batch | bat cmd | .bat .cmd | :: rem | "
BibTeX | | .bib .bst | % | " data
BitBake | | .bb .bbappend .bbclass | # | "'
C | | .c .h .idc .cats .h_ | // /*,*/ | "'
C# | csharp cs | .cs .csx | // /*,*/ | "'
C++ | cpp cxx cplusplus | .cpp .cc .cxx .c++ .cp .hpp .hh .hxx .h++ .inl .ipp .tcc .tpp .ino .ixx .cppm | // /*,*/ | "'
CHILL | | .chl .chill .ch | -- /*,*/ | "'
Clojure | clj | .clj .cljs .cljc .edn | ; | "
CMake | | .cmake =cmakelists.txt | # #[[,]] | "
COBOL | | .cob .cbl .cpy .cobol | *> | "'
CoffeeScript | coffee | .coffee !coffee | # ###,### | "'
Crystal | | .cr !crystal | # | "`
CSS | | .css | /*,*/ | "'
CSV | tsv | .csv .tsv | | " data
CUDA | cu | .cu .cuh | // /*,*/ | "'
Cython | pyx | .pyx .pxd .pxi | # | "'
D | dlang | .d .di | // /*,*/ /+,+/ | "'`
Dart | | .dart | // /*,*/ | "'
Device Tree | dts devicetree | .dts .dtsi .overlay | // /*,*/ | "
Diff | patch | .diff .patch | | data
Dockerfile | docker containerfile | .dockerfile =dockerfile =containerfile | # | "'
Elixir | ex | .ex .exs !elixir | # | "'
Elm | | .elm | -- {-,-} | "'
Emacs Lisp | elisp | .el =.emacs | ; | "
Erlang | erl | .erl .hrl .escript .xrl .yrl .app.src =rebar.config !escript | % | "'
Expect | | .exp !expect | # | "
F# | fsharp | .fs .fsi .fsx | // (*,*) | "
Forth | | .fth .4th .forth | \ (,) | "
Fortran | | .f .for .f77 .f90 .f95 .f03 .f08 .ftn | ! | "'
GDB Script | gdb | .gdb =.gdbinit | # | "'
Git Config | | =.gitconfig =.gitmodules =.gitattributes =.gitignore =.mailmap | # ; | " data
GLSL | | .glsl .vert .frag .comp .geom .tesc .tese | // /*,*/ | "
Go | golang | .go | // /*,*/ | "'`
Go Module | gomod | =go.mod =go.sum =go.work | // | " data
GraphQL | gql | .graphql .gql .graphqls | # | "
Graphviz | dot | .gv .dot | // # /*,*/ | "
Groovy | gradle jenkinsfile | .groovy .gradle .gvy =jenkinsfile !groovy | // /*,*/ | "'
Haskell | hs | .hs .hsc !runhaskell | -- {-,-} | "
HCL | terraform tf | .tf .tfvars .hcl .nomad | # // /*,*/ | "
HLSL | | .hlsl .hlsli .fx | // /*,*/ | "
HTML | htm | .html .htm .xhtml .shtml | <!--,--> | "'
INI | conf cfg properties-ini | .ini .cfg .conf .cnf .inf .service .socket .timer .mount .target .desktop .editorconfig .network .kunitconfig .bconf =.editorconfig =defconfig =.config | # ; | " data
Java | | .java .jav !java | // /*,*/ | "'
Java Properties | properties | .properties | # ! | data
JavaScript | js ecmascript node jsx | .js .mjs .cjs .jsx .es6 =jakefile !node !nodejs | // /*,*/ | "'`
JSON | json5 jsonc | .json .json5 .jsonc .geojson .webmanifest .jsonl .ndjson .sarif | // | " data
Jsonnet | | .jsonnet .libsonnet | // # /*,*/ | "'
JSP | | .jsp .jspx .tag | <!--,--> <%--,--%> | "'
Julia | jl | .jl !julia | # #=,=# | "`
Kconfig | | =kconfig .kconfig =config.in | # | "'
Kotlin | kt | .kt .kts | // /*,*/ | "'
LaTeX | tex | .tex .ltx .sty .cls | % | document
Less | | .less | // /*,*/ | "'
Lex | flex | .l .lex .ll | // /*,*/ | "'
Linker Script | ld linker | .ld .lds .icf .sct | // /*,*/ | "
Lisp | common-lisp commonlisp | .lisp .lsp .cl .asd !sbcl | ; #|,|# | "
LLVM IR | llvm | .ll_ .llvm | ; | "
Logtalk | | .lgt | % /*,*/ | "'
Lua | | .lua .rockspec !lua !luajit | -- --[[,]] | "'
M4 | autoconf | .m4 .ac =configure.ac =configure.in | dnl # | "
Makefile | make mk | .mk .mak .make =makefile =gnumakefile =kbuild =makefile.am =makefile.in =bsdmakefile !make | # | "'
Markdown | md | .md .markdown .mkd .mdx .rmd | <!--,--> | document
MATLAB | octave | .mat .octave !octave | % %{,%} | "'
Meson | | =meson.build =meson_options.txt =meson.options | # | '
MIB | smi snmp | .mib .smi .my | -- | "
Nim | | .nim .nims | # #[,]# | "
Nix | | .nix | # /*,*/ | "
Objective-C | objc obj-c | .m | // /*,*/ | "'
Objective-C++ | objcpp | .mm | // /*,*/ | "'
OCaml | ml | .ml .mli .mll .mly !ocaml | (*,*) | "
OpenCL | | .opencl .clh | // /*,*/ | "'
P4 | p4_16 p4-16 | .p4 .p4inc | // /*,*/ | "
Pascal | delphi | .pas .dpr .lpr .dfm | // {,} (*,*) | '
Perl | pl | .pl .pm .t .pod !perl | # | "'`
PHP | | .php .phtml .php3 .php4 .php5 .phps !php | // # /*,*/ | "'`
PL/M | plm | .plm | /*,*/ | '
PL/SQL | plsql | .pls .pks .pkb .plsql | -- /*,*/ | "'
PowerShell | ps1 pwsh | .ps1 .psm1 .psd1 !pwsh | # <#,#> | "'
Prolog | | .pro .prolog .plg !swipl | % /*,*/ | "'
Promela | spin | .pml .promela | /*,*/ | "'
Protocol Buffers | protobuf proto | .proto | // /*,*/ | "'
Puppet | | .pp | # | "'
Python | py python3 | .py .pyw .pyi .gyp .gypi .wsgi =sconstruct =sconscript =wscript !python | # | "'
QML | | .qml .qbs | // /*,*/ | "'`
R | rlang | .r .rprofile !rscript | # | "'
reStructuredText | rst rest | .rst .rest | | document
RPM Spec | spec | .spec | # | "'
Ruby | rb | .rb .rake .gemspec .ru .podspec =rakefile =gemfile =vagrantfile =podfile !ruby | # =begin,=end | "'`
Rust | rs | .rs | // /*,*/ | "
Scala | sbt | .scala .sc .sbt !scala | // /*,*/ | "
Scheme | scm racket | .scm .ss .sld .rkt !guile !racket | ; #|,|# | "
SCSS | sass | .scss .sass | // /*,*/ | "'
SDL | | .sdl .pr .spr | /*,*/ | '
SELinux Policy | selinux | .te .fc .if .cil | # ; | "
Shell | sh bash zsh ksh ash dash | .sh .bash .zsh .ksh .ash .bats .ebuild .eclass =.bashrc =.profile =.bash_profile =.zshrc =.envrc =pkgbuild =configure =apkbuild !sh !bash !zsh !ksh !ash !dash !busybox | # | "'
Smalltalk | | .st | "," | '
Solidity | sol | .sol | // /*,*/ | "'
SQL | mysql postgresql sqlite | .sql .ddl .dml .psql | -- /*,*/ | "'
Starlark | bazel bzl | .bzl .bazel .star =build =workspace =build.bazel =buck =tiltfile | # | "'
Swift | | .swift !swift | // /*,*/ | "
SystemVerilog | sv | .sv .svh .vh | // /*,*/ | "
Tcl | sdc xdc | .tcl .tk .itcl .sdc .xdc .upf !tclsh !wish | # | "
Text | txt plain plaintext | .txt .text .log =readme =license =licence =copying =notice =authors =changelog =changes =install =news =todo =maintainers =credits =thanks =version | | document
Thrift | | .thrift | // # /*,*/ | "'
TLA+ | tla tlaplus | .tla | \* (*,*) | "
TOML | | .toml =cargo.lock =poetry.lock =pipfile | # | "' data
Troff | man roff nroff | .man .1 .2 .3 .4 .5 .6 .7 .8 .9 .roff .me | .\" '\" | document
TTCN-3 | ttcn ttcn3 | .ttcn .ttcn3 .ttcnpp .ttcnin | // /*,*/ | "
TypeScript | ts tsx | .ts .tsx .mts .cts !deno !tsx | // /*,*/ | "'`
Vala | | .vala .vapi | // /*,*/ | "'
Verilog | | .v .vlg .veo | // /*,*/ | "
VHDL | | .vhd .vhdl .vho .vht | -- /*,*/ | "'
Vim Script | vim viml | .vim .vimrc =.vimrc | " | '
Visual Basic | vb vba vbs basic | .vb .bas .vbs .frm | ' rem | "
Vue | | .vue | <!--,--> | "'
WebAssembly | wasm wat | .wat .wast | ;; (;,;) | "
XML | xsd xsl xslt svg wsdl | .xml .xsd .xsl .xslt .svg .wsdl .plist .xmi .rng .dtd .xib .storyboard .csproj .vcxproj .props .targets .resx .ui .qrc .dita .kml .rss .pom .arxml .cdd | <!--,--> | "' data
YAML | yml | .yaml .yml =.clang-format =.clang-tidy =.gitlab-ci.yml | # | "' data
Yacc | bison | .y .yy .ypp | // /*,*/ | "'
YANG | | .yang | // /*,*/ | "'
Zig | | .zig .zon | // | "
"#;

/// Reads the table; a row that is not five columns long would be a mistake in the table, caught by a test.
pub(super) fn parse() -> Vec<Language> {
    let mut languages: Vec<Language> = TABLE.lines().filter_map(row).collect();
    languages.sort_by_key(|language| language.name.to_lowercase());
    languages
}

fn row(line: &'static str) -> Option<Language> {
    let mut columns = split(line).into_iter();
    let name = columns.next().filter(|name| !name.is_empty())?;
    let aliases = columns.next()?.split_whitespace().collect();
    let found = columns.next()?;
    let comments = columns.next()?;
    let last = columns.next()?;
    let starting = |mark: char| {
        found
            .split_whitespace()
            .filter_map(|word| word.strip_prefix(mark))
            .collect::<Vec<_>>()
    };
    let (mut line_comments, mut block_comments) = (Vec::new(), Vec::new());
    for word in comments.split_whitespace() {
        match word.split_once(',') {
            Some(pair) => block_comments.push(pair),
            None => line_comments.push(word),
        }
    }
    let (mut quotes, mut kind) = ("", LanguageKind::Code);
    for word in last.split_whitespace() {
        match word {
            "data" => kind = LanguageKind::Data,
            "document" => kind = LanguageKind::Document,
            _ => quotes = word,
        }
    }
    Some(Language {
        name,
        aliases,
        extensions: starting('.'),
        file_names: starting('='),
        interpreters: starting('!'),
        line_comments,
        block_comments,
        quotes,
        kind,
    })
}

/// Splits at each `|` that stands alone: a mark such as `#|,|#` keeps its own.
fn split(line: &'static str) -> Vec<&'static str> {
    let bytes = line.as_bytes();
    let is_border = |at: usize| {
        bytes[at] == b'|'
            && bytes.get(at.wrapping_sub(1)) == Some(&b' ')
            && matches!(bytes.get(at + 1), None | Some(b' '))
    };
    let (mut columns, mut start) = (Vec::new(), 0);
    for at in (0..bytes.len()).filter(|at| is_border(*at)) {
        columns.push(line[start..at].trim());
        start = at + 1;
    }
    columns.push(line[start..].trim());
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_five_columns() {
        for line in TABLE.lines().filter(|line| !line.is_empty()) {
            assert_eq!(split(line).len(), 5, "{line}");
        }
        assert_eq!(
            TABLE.lines().filter(|l| !l.is_empty()).count(),
            parse().len()
        );
    }

    #[test]
    fn a_mark_that_holds_the_column_mark_stays_whole() {
        let lisp = parse().into_iter().find(|l| l.name == "Lisp").unwrap();
        assert_eq!(lisp.block_comments, [("#|", "|#")]);
    }
}
