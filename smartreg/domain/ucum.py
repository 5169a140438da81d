"""UCUM codes: the grammar in one pass, and the code for what people write instead.

Codes of the Unified Code for Units of Measure 2.2 (ucum.org). This product includes all or a portion of the UCUM
table, UCUM codes, and UCUM definitions or is derived from it, subject to a license from Regenstrief Institute, Inc.
and The UCUM Organization.

Not ucumvert: it installs pint and lark to convert units, which nothing here does, and takes half a second for the first
one.
"""

from __future__ import annotations

import re

_PREFIXES = ("da", "Ki", "Mi", "Gi", "Ti", *"YZEPTGMkhdcmunpfazy")

_METRIC_ATOMS = """
m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv l L ar t bar u eV pc [c] [h] [k] [eps_0]
[mu_0] [e] [m_e] [m_p] [G] [g] [ly] gf Ky Gal dyn erg P Bi St Mx G Oe Gb sb Lmb ph Ci R RAD REM cal_[15] cal_[20]
cal_m cal_IT cal_th cal tex m[H2O] m[Hg] eq osm g% kat U [iU] [IU] Np B B[SPL] B[V] B[mV] B[uV] B[10.nV] B[W] B[kW]
st mho bit By Bd
"""
_METRIC = frozenset(_METRIC_ATOMS.split())

_NOT_METRIC_ATOMS = """
10* 10^ [pi] % [ppth] [ppm] [ppb] [pptr] gon deg ' '' min h d a_t a_j a_g a wk mo_s mo_j mo_g mo AU atm [lbf_av]
[in_i] [ft_i] [yd_i] [mi_i] [fth_i] [nmi_i] [kn_i] [sin_i] [sft_i] [syd_i] [cin_i] [cft_i] [cyd_i] [bf_i] [cr_i]
[mil_i] [cml_i] [hd_i] [ft_us] [yd_us] [in_us] [rd_us] [ch_us] [lk_us] [rch_us] [rlk_us] [fth_us] [fur_us] [mi_us]
[acr_us] [srd_us] [smi_us] [sct] [twp] [mil_us] [in_br] [ft_br] [rd_br] [ch_br] [lk_br] [fth_br] [pc_br] [yd_br]
[mi_br] [nmi_br] [kn_br] [acr_br] [gal_us] [bbl_us] [qt_us] [pt_us] [gil_us] [foz_us] [fdr_us] [min_us] [crd_us]
[bu_us] [gal_wi] [pk_us] [dqt_us] [dpt_us] [tbs_us] [tsp_us] [cup_us] [foz_m] [cup_m] [tsp_m] [tbs_m] [gal_br]
[pk_br] [bu_br] [qt_br] [pt_br] [gil_br] [foz_br] [fdr_br] [min_br] [gr] [lb_av] [oz_av] [dr_av] [scwt_av] [lcwt_av]
[ston_av] [lton_av] [stone_av] [pwt_tr] [oz_tr] [lb_tr] [sc_ap] [dr_ap] [oz_ap] [lb_ap] [oz_m] [lne] [pnt] [pca]
[pnt_pr] [pca_pr] [pied] [pouce] [ligne] [didot] [cicero] [degF] [degR] [degRe] [Cal] [Btu_39] [Btu_59] [Btu_60]
[Btu_m] [Btu_IT] [Btu_th] [Btu] [HP] [den] [in_i'H2O] [in_i'Hg] [PRU] [wood'U] [diop] [p'diop] %[slope] [mesh_i]
[Ch] [drp] [hnsf'U] [MET] [hp'_X] [hp'_C] [hp'_M] [hp'_Q] [hp_X] [hp_C] [hp_M] [hp_Q] [kp_X] [kp_C] [kp_M] [kp_Q]
[pH] [S] [HPF] [LPF] [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U] [beth'U] [anti'Xa'U] [todd'U] [dye'U] [smgy'U] [bdsk'U]
[ka'U] [knk'U] [mclg'U] [tb'U] [CCID_50] [TCID_50] [EID_50] [PFU] [FFU] [CFU] [IR] [BAU] [AU] [Amb'a'1'U] [PNU] [Lf]
[D'ag'U] [FEU] [ELU] [EU] Ao b att [psi] circ sph [car_m] [car_Au] [smoot] [m/s2/Hz^(1/2)] [NTU] [FNU] bit_s
"""
_NOT_METRIC = frozenset(_NOT_METRIC_ATOMS.split())

_SYMBOL = re.compile(r"(?:\[[^\[\]]*\]|[^\[\]{}()./\s])+")
_ANNOTATION = re.compile(r"\{[!-z|~]*\}")
_REMARK = re.compile(r"(?<=[^./(])" + _ANNOTATION.pattern)
_EXPONENT = re.compile(r"[+-]?[1-9][0-9]*\Z")
_COUNTED = re.compile(r"[a-z]{3,20}")
_FACTOR = re.compile(r"[1-9][0-9]*")

_SIGNS = str.maketrans(
    {"µ": "u", "μ": "u", "²": "2", "³": "3", "⁻": "-", "¹": "1", "·": ".", "⋅": ".", "×": ".", " ": ""}
)
_WRITTEN_FOR = {
    "{EUR}": "€ eur euro euros",
    "Cel": "°c ºc degc c celsius",
    "deg": "°",
    "[degF]": "°f",
    "[ppm]": "ppm",
    "[ppb]": "ppb",
    "[pH]": "ph",
    "dB[SPL]": "db dba db(a) dbspl",
    "lx": "lux",
    "[NTU]": "ntu",
    "[FNU]": "fnu",
    "kW.h": "kwh",
    "W.h": "wh",
    "MW.h": "mwh",
    "V.A": "va",
    "kV.A": "kva",
    "h": "hr",
    "s": "sec",
    "min": "mn",
    "d": "jour day",
    "a": "an",
    "kBy": "ko kb",
    "MBy": "mo mb",
    "l": "litre liter",
    "t": "tonne",
    "Ohm": "ohm ω",
    "[in_i]": "inch",
}
_COMMON = {word: code for code, words in _WRITTEN_FOR.items() for word in words.split()}


def is_ucum(code: str) -> bool:
    """Whether `code` is a UCUM unit, case-sensitive: symbols with exponents, annotations, `.`, `/`, parentheses."""
    place, depth, is_symbol_due = 0, 0, True
    while place < len(code):
        sign = code[place]
        if is_symbol_due and (sign == "(" or (sign == "/" and (place == 0 or code[place - 1] == "("))):
            depth += sign == "("
            place += 1
        elif is_symbol_due:
            end = _component(code, place)
            if end == place:
                return False
            place, is_symbol_due = end, False
        elif sign == ")" and depth:
            depth -= 1
            place = _skip_annotation(code, place + 1)
        elif sign in "./":
            place, is_symbol_due = place + 1, True
        else:
            return False
    return not depth and not is_symbol_due


def nearest_ucum(text: str) -> str | None:
    """The code that `text` clearly means, or None: "°C" gives `Cel`, "µg/m³" gives `ug/m3`."""
    plain = text.translate(_SIGNS)
    candidates = (_usual_code(plain), "".join(_usual_code(part) for part in re.split(r"([./])", plain)))
    return next((code for code in candidates if code != text and is_ucum(code)), None)


def everyday_ucum(word: str) -> str | None:
    """The code that people mean by a word, even if UCUM uses that word for something else: "C" is a coulomb."""
    return _COMMON.get(word.casefold())


def bare_ucum(code: str) -> str:
    """A code without the annotations that follow a symbol, which change nothing: "dB[SPL]{A}" gives `dB[SPL]`."""
    return _REMARK.sub("", code)


def _usual_code(word: str) -> str:
    """The usual code for a word, in braces if it names a counted thing; unchanged if neither is known."""
    if is_ucum(word):
        return word
    counted = f"{{{word}}}" if _COUNTED.fullmatch(word) else word
    return everyday_ucum(word) or counted


def _component(code: str, start: int) -> int:
    """The index after the symbol, factor or annotation that begins at `start`; `start` when there is none."""
    symbol = _SYMBOL.match(code, start)
    if symbol is None:
        return _skip_annotation(code, start)
    return _skip_annotation(code, symbol.end()) if _is_symbol(symbol[0]) else start


def _skip_annotation(code: str, start: int) -> int:
    annotation = _ANNOTATION.match(code, start)
    return annotation.end() if annotation else start


def _is_symbol(text: str) -> bool:
    if _is_atom(text) or _FACTOR.fullmatch(text):
        return True
    exponent = _EXPONENT.search(text)
    return exponent is not None and _is_atom(text[: exponent.start()])


def _is_atom(text: str) -> bool:
    if text in _NOT_METRIC or text in _METRIC:
        return True
    return any(text.startswith(prefix) and text[len(prefix) :] in _METRIC for prefix in _PREFIXES)
