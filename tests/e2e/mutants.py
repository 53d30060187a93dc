"""Report definitions that were changed at random are rendered over generated rows: sizes out of proportion, elements gone,
doubled or in the wrong place, expressions that fail. Whatever comes of it, nothing may crash, hang, or trouble a sanitizer.

The same seed makes the same mutants. BINDERY_MUTANTS=COUNT asks for more than some dozens, BINDERY_SEED for others; the one
that fails is left in the working directory."""
import os
import random
import re
import shutil

from harness import ROOT, Skip, run, shared, test
from reports import render, workspace

folder = workspace("mutants")
FORMATS = ("PDF", "PDF", "HTML5", "HTML5", "CSV", "XML", "IMAGE")
LARGEST = 120_000  # bytes of a definition: many small ones are tried rather than a few large
SIZES = ("0", "-1", "0.0001", "0.5", "7.3", "1000", "99999", "1e9")
EXPRESSIONS = (
    "=1/0", "=Nothing", "=True", "=-1", "=1000000", "=#12/31/9999#", '=CDate("2020-13-01")', '=StrDup(5000, "W")',
    '=Chr(8238) &amp; "abc"', '=New String("x"c, 3)', '=Join(Split("a,b", ","), "-")', '="x" &amp; Globals!PageNumber',
    "=RowNumber(Nothing)", "=RunningValue(1, Sum, Nothing)", "=Previous(Sum(1))", "=Level()", '=Lookup(1, 1, 1, "D")',
    "=Fields(0).Value", "=Sum(Fields!x.Value)", "=ReportItems!Textbox1.Value", "=Code.f()", "&lt;b&gt;x&lt;ul&gt;&lt;li&gt;")
WORDS = (("Before", "After"), ("After", "Before"), ("Start", "Between"), ("End", "StartAndEnd"), ("Horizontal", "Rotate270"),
         ("lr-tb", "tb-rl"), ("Default", "RTL"), ("None", "HTML"))
INSERTED = (
    "<PageBreak><BreakLocation>Between</BreakLocation></PageBreak>", "<Visibility><Hidden>=1=1</Hidden></Visibility>",
    "<KeepTogether>true</KeepTogether>", "<KeepWithGroup>After</KeepWithGroup>", "<RepeatOnNewPage>true</RepeatOnNewPage>",
    "<RepeatWith>Tablix1</RepeatWith>", "<CanShrink>true</CanShrink>", "<FixedData>true</FixedData>", "<ZIndex>3</ZIndex>")
DOUBLED = "TablixMember|Textbox|Rectangle|Tablix|TablixRow|TablixColumn|Group|PageBreak|Visibility|Paragraph|TextRun"


def replace_one(dice, text, pattern, change):
    """`change` of one place that matches, by chance; the text as it is where there is none."""
    found = list(re.finditer(pattern, text))
    if not found:
        return text
    at = dice.choice(found)
    return text[:at.start()] + change(at) + text[at.end():]


def double(dice, text):
    def whole(at):
        end = text.find(f"</{at[1]}>", at.start())
        return at[0] if end < 0 else text[at.start():end] + f"</{at[1]}>" + at[0]
    return replace_one(dice, text, rf"<({DOUBLED})\b", whole)


def swap(dice, text):
    old, new = dice.choice(WORDS)
    return text.replace(f">{old}<", f">{new}<", 1)


CHANGES = (
    lambda dice, text: replace_one(dice, text, r">-?[\d.]+(in|cm|mm|pt)<", lambda at: f">{dice.choice(SIZES)}{at[1]}<"),
    lambda dice, text: replace_one(dice, text, r"<(\w+)>[^<]*</\1>", lambda at: ""),
    lambda dice, text: replace_one(dice, text, r">(true|false)<", lambda at: ">false<" if at[1] == "true" else ">true<"),
    lambda dice, text: replace_one(dice, text, r"<(Value|Hidden|GroupExpression|Color|FontSize|Format|SortExpression|Label)>[^<]*<",
                                   lambda at: f"<{at[1]}>{dice.choice(EXPRESSIONS)}<"),
    lambda dice, text: replace_one(dice, text, r"<(?:Visibility|Group|PageBreak|KeepTogether|RepeatOnNewPage|CanGrow)\b",
                                   lambda at: dice.choice(INSERTED) + at[0]),
    double,
    swap,
)


def definitions():
    own = sorted((ROOT / "tests" / "golden" / "layout").glob("*.rdl")) + sorted((ROOT / "samples").glob("*.rdl"))
    try:
        public = sorted(shared("rdl-corpus").rglob("*.rdl"))
    except Skip:
        public = []
    return [path for path in own * 4 + public if path.stat().st_size <= LARGEST]


@test
def no_mutant_brings_it_down():
    dice = random.Random(int(os.environ.get("BINDERY_SEED", "1")))
    found = definitions()
    for number in range(int(os.environ.get("BINDERY_MUTANTS", "100"))):
        source = dice.choice(found)
        text = source.read_text("utf-8-sig", errors="replace")
        for _ in range(dice.randint(1, 6)):
            text = dice.choice(CHANGES)(dice, text)
        mutant = folder / "mutant.rdl"
        mutant.write_text(text)
        try:
            render(mutant, folder / "out", "--sample-data", form=dice.choice(FORMATS), timeout=180)
        except AssertionError as failure:
            shutil.copy(mutant, f"mutant-{number}.rdl")
            raise AssertionError(f"mutant {number}, of {source.name}: {failure}") from None


run()
