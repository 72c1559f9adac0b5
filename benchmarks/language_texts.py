"""List the texts of `benchmarks/languages.py`: call-centre talk that is not in the texts of the training.

All sentences were written for this purpose. Mandarin is pinyin with tone numbers, Japanese is kana. Where eSpeak NG
says one vowel for each written vowel, also where two make one syllable (Italian, Japanese), and where each word is one
syllable (Mandarin, Vietnamese), the syllables stand with the sentence, counted by hand: a long vowel, *ai* or a vowel
with *n* is one syllable. No sentence has two vowels that meet between words.
"""

__all__ = ["COUNTED", "SPOKEN"]

SPOKEN: dict[str, tuple[str, ...]] = {
    "en": (
        "Good evening, you are speaking to the billing department.",
        "The engineer left a card because the front gate was locked.",
        "I can offer you a smaller contract from the first of October.",
        "Would you read me the serial number on the bottom of the box?",
        "It stopped charging after the storm on Sunday night.",
        "We have sent a new cable to the address in your profile.",
    ),
    "de": (
        "Schönen guten Abend, hier spricht die Abteilung für Reparaturen.",
        "Der Techniker konnte gestern niemanden antreffen.",
        "Lesen Sie mir bitte die Seriennummer auf der Unterseite vor.",
        "Ab dem ersten Oktober gilt für Sie ein kleinerer Tarif.",
        "Nach dem Gewitter lädt der Akku überhaupt nicht mehr.",
    ),
    "es": (
        "Buenas noches, habla con el departamento técnico.",
        "El señor pasó por la mañana con las piezas.",
        "Dígame los números que lleva debajo la caja.",
        "Desde septiembre paga menos por su contrato.",
        "Con la tormenta se rompió todo.",
    ),
    "fr": (
        "Bonsoir, vous êtes bien au service des réparations.",
        "Le technicien est passé hier et la porte était fermée.",
        "Donnez-moi le numéro qui se trouve sous la boîte.",
        "À partir du premier octobre, votre tarif va diminuer.",
        "Depuis l'orage de dimanche, la batterie ne charge plus.",
    ),
}
"""Texts whose syllables are the vowels that eSpeak NG reports, by its voice."""

COUNTED: dict[str, tuple[tuple[str, int], ...]] = {
    "it": (
        ("Buonasera, sono Marta del negozio centrale.", 15),
        ("Mi legga tre cifre della pratica.", 11),
        ("La spedizione partirà domani mattina.", 14),
        ("Non c'è problema, controllo subito.", 11),
        ("Il cavo rosso sta dentro la scatola.", 12),
        ("Resti con me per un momento.", 9),
    ),
    "ja": (
        ("ケーブルがきれました。", 9),
        ("すこしまってください。", 8),
        ("かぎがまたとどきました。", 11),
        ("データがこわれてしまった。", 10),
        ("ボタンがみっつならぶ。", 8),
        ("メールがきました。", 7),
    ),
    "vi": (
        ("Xin chào, tôi có thể giúp gì cho bạn?", 9),
        ("Bạn vui lòng chờ một chút nhé.", 7),
        ("Đơn hàng của bạn sẽ đến vào ngày mai.", 9),
        ("Số điện thoại của bạn là bao nhiêu?", 8),
        ("Tôi sẽ kiểm tra lại cho bạn.", 7),
        ("Cảm ơn bạn đã gọi cho chúng tôi.", 8),
    ),
    "cmn-latn-pinyin": (
        ("wan3 shang4 hao3 zhe4 li3 shi4 wei2 xiu1 bu4 men2", 10),
        ("shi1 fu4 zuo2 tian1 lai2 guo4 ke3 shi4 mei2 you3 ren2 kai1 men2", 13),
        ("qing3 du2 yi2 xia4 he2 zi5 xia4 mian4 de5 hao4 ma3", 11),
        ("shi2 yue4 yi1 hao4 qi3 tao4 can1 geng4 pian2 yi5", 10),
        ("xia4 yu3 yi3 hou4 dian4 chi2 chong1 bu2 jin4 dian4", 10),
    ),
}
"""Texts with the syllables of each sentence, by the voice of eSpeak NG."""
