"""List sentences for the synthetic voices of the syllable training: call-centre talk and numbers in many languages.

All sentences were written for this purpose. Mandarin is written in pinyin with tone numbers (the eSpeak NG voice
``cmn-latn-pinyin`` reads it). Italian and Japanese are left out: their voices give one vowel event for each written
vowel, also where two vowels make one syllable.
"""

import random

__all__ = ["NUMBER_VOICES", "SENTENCES", "text_for"]

SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "Thank you for calling, how may I help you today?",
        "I am going to put you through to a colleague who deals with refunds.",
        "Could you spell your family name for me, please?",
        "The parcel was supposed to arrive on Wednesday but nobody came.",
        "Yes, I see, that is really annoying, let me have a look.",
        "Please restart the router and wait until the light turns green.",
        "Well, I have already tried that three times this morning.",
        "Your subscription will be renewed automatically next February.",
        "No problem at all, take your time, I will wait.",
        "What exactly does the message on the screen say?",
        "Unfortunately the technician cannot visit before Thursday afternoon.",
        "I bought these headphones in August and the left one is broken.",
    ),
    "en-us": (
        "Hi there, I have a question about my last electricity bill.",
        "Okay, give me one second while the computer loads your account.",
        "That charge is a deposit, you get it back at the end of the year.",
        "Is there anything else I can do for you, sir?",
        "My daughter lost her password and we cannot get into the photos.",
        "You should receive an email with the instructions in a few minutes.",
        "I would rather cancel the whole order, to be honest.",
        "Go to settings, then privacy, then scroll all the way down.",
    ),
    "de": (
        "Guten Tag, was kann ich für Sie tun?",
        "Ich habe vorgestern eine Rechnung bekommen, die nicht stimmt.",
        "Einen Augenblick bitte, ich schaue in Ihrem Vertrag nach.",
        "Die Lieferung verzögert sich leider um einige Werktage.",
        "Haben Sie das Gerät schon einmal neu gestartet?",
        "Das hat mir Ihre Kollegin aber gestern ganz anders erklärt.",
        "Selbstverständlich erstatten wir Ihnen den vollen Betrag.",
    ),
    "fr": (
        "Bonjour, que puis-je faire pour vous?",
        "Je voudrais changer l'adresse de livraison de ma commande.",
        "Ne quittez pas, je vous passe le service technique.",
        "La connexion est coupée depuis hier soir dans tout le quartier.",
        "Vous recevrez une confirmation par courrier électronique.",
        "C'est la troisième fois que j'appelle cette semaine.",
    ),
    "es": (
        "Buenos días, ¿en qué puedo ayudarle?",
        "Quisiera saber cuándo llega mi pedido.",
        "Un momento, por favor, voy a consultar sus datos.",
        "La factura de este mes es demasiado alta.",
        "Le devolveremos el dinero en cinco días laborables.",
        "He intentado entrar en la página pero no funciona.",
    ),
    "pt-br": (
        "Bom dia, em que posso ajudar?",
        "Eu queria cancelar a minha assinatura.",
        "O seu pedido já saiu do nosso depósito.",
        "Pode confirmar o número do seu telefone, por favor?",
    ),
    "nl": (
        "Goedemiddag, waarmee kan ik u helpen?",
        "Mijn pakket is gisteren bij de buren afgeleverd.",
        "Ik verbind u door met een medewerker van de afdeling.",
        "Kunt u dat nog een keer herhalen?",
    ),
    "pl": (
        "Dzień dobry, w czym mogę pomóc?",
        "Chciałbym złożyć reklamację na uszkodzony towar.",
        "Proszę chwilę poczekać, sprawdzę w systemie.",
        "Paczka powinna dotrzeć w przyszły wtorek.",
    ),
    "ru": (
        "Здравствуйте, чем я могу вам помочь?",
        "Я хотел бы узнать состояние моего заказа.",
        "Подождите минуту, я проверю ваши данные.",
        "К сожалению, этого товара сейчас нет.",
    ),
    "sv": (
        "Hej, vad kan jag hjälpa dig med?",
        "Jag har inte fått någon bekräftelse på min beställning.",
        "Vänta ett ögonblick så tittar jag efter.",
    ),
    "cmn-latn-pinyin": (
        "ni3 hao3 qing3 wen4 you3 shen2 me5 ke3 yi3 bang1 nin2",
        "wo3 xiang3 cha2 yi2 xia4 wo3 de5 ding4 dan1",
        "qing3 nin2 shao1 deng3 wo3 xian4 zai4 kan4 yi2 xia4",
        "zhe4 ge5 yue4 de5 zhang4 dan1 you3 wen4 ti2",
        "wo3 men5 hui4 zai4 san1 tian1 nei4 ba3 qian2 tui4 gei3 nin2",
        "dui4 bu5 qi3 na4 wei4 tong2 shi4 jin1 tian1 bu2 zai4",
        "nin2 de5 dian4 hua4 hao4 ma3 shi4 duo1 shao3",
        "wang3 luo4 cong2 zuo2 tian1 wan3 shang5 jiu4 duan4 le5",
    ),
    "hi": (
        "नमस्ते, मैं आपकी क्या मदद कर सकता हूँ?",
        "मेरा ऑर्डर अभी तक नहीं आया है",
        "कृपया एक मिनट रुकिए, मैं देखता हूँ",
    ),
    "tr": (
        "İyi günler, size nasıl yardımcı olabilirim?",
        "Siparişim hâlâ gelmedi, ne yapmam gerekiyor?",
        "Lütfen bir dakika bekleyin, hemen bakıyorum.",
    ),
}

NUMBER_VOICES = ("en", "en-us", "en", "de", "fr", "es", "nl", "pl", "ru", "sv", "pt-br", "tr")


def text_for(voice: str, chance: random.Random) -> str:
    """Choose one or two sentences, sometimes with a number, for a voice of `SENTENCES`."""
    text = " ".join(chance.sample(SENTENCES[voice], k=min(len(SENTENCES[voice]), chance.choice((1, 1, 2)))))
    if voice in NUMBER_VOICES and chance.random() < 0.4:
        text += f" {chance.randint(11, 99_999)}."
    return text
