"""Change that a party it binds has not agreed to.

## What it checks

With `--as-author`: what binds parties changes, and one of them has not agreed. What binds is: of a signed convention
its parties, families, dates, scope, duties, consideration, acts (`amendments`), status, and annexes that are altered,
go or are amendments; of a party its `writers`; of everything else whose it is (the first of the ownership fields that
it has, and `owner`) and `previous_owners`. Whom it binds: the parties of the convention before and after, the party
itself, who gives and who receives. `set --correct` changes what binds as any other command does.

A party agrees by a commit of the branch, or of one merged into it, that is signed with a key that the base lists for
the party. Either it makes the change, or it names the record in a trailer `Smartreg-Record` and leaves it alone, as
`smartreg agree` does. It counts only if what binds was then as it is in the end: whoever changes it afterwards asks
for all agreements again. A commit without a signature, or signed by somebody else for the party, agrees to nothing;
nor does a merge, whose message may quote what others wrote.

For a party without a key, nobody signs. A deliberation of its own stands in: one that the change newly names (in the
convention, its act, or by `smartreg agree --deliberation`), with the digest of its text or of a new annex. The same
replaces keys that are lost. CHG822 then says so.

Where `termination.unilateral` is true at the base, a termination and nothing else needs one party alone, if its end
leaves the notice that the convention asks for.

## Why

Code civil, article 1193: a contract is changed by mutual consent. CG3P L3112-1: between public bodies property changes
hands by agreement. Nobody is bound by what they do not know of.

## Wrong

```yaml
# base: effective_until: "2027-12-31"; one commit, signed by a writer of amp-metropole
id: smart-metropole-istres
parties: [amp-metropole, ville-d-istres]
status: signed
effective_until: "2030-12-31"
```

## Right

```yaml
# a further commit of the branch, signed by a writer of ville-d-istres:
#   smartreg agree convention/smart-metropole-istres
id: smart-metropole-istres
parties: [amp-metropole, ville-d-istres]
status: signed
effective_until: "2030-12-31"
```

## How to mend

Each party that the message names gets the branch, looks at it, and runs the command that the message names
(`smartreg agree RECORD`), which signs the branch as it is; then it pushes the branch, or one of its own that is merged
into it. Merge the pull request by a merge commit: a squash or a rebase drops the signatures (AUD911).

## Configure

`[ownership] fields` in `smartreg.toml`, as for CHG812. `[severity]` and `ignore` do not reach it: the settings belong
to one party, and this is for all whom a change binds.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "CHG814",
    "error",
    Words("change that a party it binds has not agreed to", "modification sans l'accord d'une partie qu'elle engage"),
    "frame",
)
